/** Runs work when a slot is free, in the order in which it came. */
export type Slots = <T>(work: () => Promise<T>) => Promise<T>;

/** Lets so many pieces of work run at once; further ones wait in order. */
export function createSlots(count: number): Slots {
  let free = Math.max(1, count);
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      // The slot passes on without ever being free.
      if (next === undefined) free += 1;
      else next();
    }
  };
}
