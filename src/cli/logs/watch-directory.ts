import { type FSWatcher, watch } from "node:fs";
import { dirname } from "node:path";

export interface DirectoryWatcher extends Disposable {
  /** Resolves at the next change beside the file, at the latest after `timeoutMs`; never rejects. */
  change(timeoutMs: number, signal: AbortSignal): Promise<void>;
}

/**
 * Changes in the directory that holds the file. Where watching is not possible (no inotify
 * instances left, a network file system) only the time limit of `change` is left.
 */
export function watchDirectory(path: string): DirectoryWatcher {
  let changed = false;
  let wake: (() => void) | undefined;
  const watcher = tryWatch(dirname(path), () => {
    changed = true;
    wake?.();
  });
  return {
    change(timeoutMs, signal) {
      return new Promise((resolve) => {
        const finish = () => {
          clearTimeout(timer);
          signal.removeEventListener("abort", finish);
          wake = undefined;
          changed = false;
          resolve();
        };
        const timer = setTimeout(finish, timeoutMs);
        signal.addEventListener("abort", finish);
        wake = finish;
        if (changed || signal.aborted) finish();
      });
    },
    [Symbol.dispose]() {
      watcher?.close();
    },
  };
}

function tryWatch(directory: string, onChange: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(directory, { persistent: false }, onChange);
    watcher.on("error", () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}
