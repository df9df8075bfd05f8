interface Cached {
  value: unknown;
  /** When the value was fetched, by performance.now(). */
  fetchedAt: number;
  fetching: Promise<void> | undefined;
}

/** Keys beyond that are forgotten: paths of long sessions. */
const MAX_KEYS = 200;

/** A value that is fetched in the background; what was known before, where it does not come in time. */
export interface CachedFetch {
  get<T>(key: string, fetch: () => Promise<T>): Promise<T | undefined>;
}

/** Nobody waits longer than the patience; a value is fetched anew when it is older than freshMs. */
export function createCachedFetch(options: {
  readonly patienceMs: number;
  readonly freshMs: number;
}): CachedFetch {
  const known = new Map<string, Cached>();
  return {
    async get<T>(key: string, fetch: () => Promise<T>): Promise<T | undefined> {
      if (known.size > MAX_KEYS) known.clear();
      const cached: Cached = known.get(key) ?? {
        value: undefined,
        fetchedAt: Number.NEGATIVE_INFINITY,
        fetching: undefined,
      };
      known.set(key, cached);
      if (performance.now() - cached.fetchedAt > options.freshMs) {
        cached.fetching ??= refresh(cached, fetch);
        await atMost(cached.fetching, options.patienceMs);
      }
      // The key names what was fetched, and always the same.
      return cached.value as T | undefined;
    },
  };
}

async function refresh(cached: Cached, fetch: () => Promise<unknown>): Promise<void> {
  try {
    cached.value = await fetch();
    cached.fetchedAt = performance.now();
  } catch {
    // Without an answer there is nothing to offer; the command itself will say what is wrong.
  } finally {
    cached.fetching = undefined;
  }
}

/** Waits for the promise, but no longer; it goes on in the background. */
async function atMost(promise: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([promise, limit]);
  clearTimeout(timer);
}
