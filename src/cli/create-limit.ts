/** Runs work when a place is free, in the order in which it came. */
export type Limit = <R>(work: () => Promise<R>) => Promise<R>;

/** So many at once: a daemon is not flooded by a node with many objects. */
export function createLimit(places: number): Limit {
  let free = places;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    }
  };
}
