import { type FSWatcher, watch } from "node:fs";
import { sleep } from "../../host/sleep.ts";

export interface News {
  /**
   * Resolves shortly after something was written, at the latest after a while; rejects as `sleep`
   * does once the signal aborts.
   */
  next(signal: AbortSignal | undefined): Promise<void>;
  close(): void;
}

export interface NewsPlace {
  readonly directory: string;
  /** How the names of the files begin that tell something. */
  readonly prefix: string;
}

/** A change is seldom one write. */
const GATHER_MS = 25;
/** What nobody writes down is found by looking. */
const LONGEST_MS = 2_000;
/** Where nothing tells of writes: no inotify instances are left, say. */
const BLIND_MS = 250;

/** Watches files that others write, without a look at them while nothing happens. */
export function watchForNews(places: readonly NewsPlace[]): News {
  let isNews = false;
  let wake = () => {};
  const onNews = () => {
    isNews = true;
    wake();
  };
  let longestMs = LONGEST_MS;
  const onBlind = () => {
    longestMs = BLIND_MS;
  };
  const watchers = places.map((place) => tryWatch(place, onNews, onBlind));
  return {
    async next(signal) {
      if (!isNews) {
        const early = new AbortController();
        wake = () => early.abort();
        const either =
          signal === undefined ? early.signal : AbortSignal.any([signal, early.signal]);
        await sleep(longestMs, { signal: either }).catch((error: unknown) => {
          if (signal?.aborted === true || !early.signal.aborted) throw error;
        });
      }
      if (isNews) await sleep(GATHER_MS, signal === undefined ? {} : { signal });
      isNews = false;
    },
    close() {
      for (const watcher of watchers) watcher?.close();
    },
  };
}

/** `onBlind` is called where nothing will be told, or no longer. */
function tryWatch(
  { directory, prefix }: NewsPlace,
  onNews: () => void,
  onBlind: () => void,
): FSWatcher | undefined {
  try {
    const watcher = watch(directory, { persistent: false }, (_event, name) => {
      if (name === null || name.startsWith(prefix)) onNews();
    });
    watcher.on("error", () => {
      watcher.close();
      onBlind();
    });
    return watcher;
  } catch {
    onBlind();
    return undefined;
  }
}
