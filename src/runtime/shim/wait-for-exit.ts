import { type FSWatcher, watch } from "node:fs";
import { throwIfAborted, toCancelled } from "../../host/sleep.ts";
import { readExit, type ShimExit } from "./read-exit.ts";
import type { ShimFiles } from "./shim-files.ts";

const FIRST_POLL_MS = 4;
const LONGEST_POLL_MS = 100;

/**
 * Waits for the exit that the shim writes down. Resolves to undefined when the time is over, or when
 * `isGone` says that no shim is left to write one. Cancelled when aborted.
 */
export async function waitForExit(
  files: ShimFiles,
  options: { timeoutMs?: number; signal?: AbortSignal; isGone?: () => boolean },
): Promise<ShimExit | undefined> {
  const deadline = performance.now() + (options.timeoutMs ?? Number.POSITIVE_INFINITY);
  const watcher = watchDirectory(files.exitDirectory);
  let pollMs = FIRST_POLL_MS;
  try {
    while (true) {
      throwIfAborted(options.signal);
      const isGone = options.isGone?.() ?? false;
      // In this order: a shim that has gone wrote its file before.
      const exit = readExit(files);
      if (exit !== undefined || isGone || performance.now() >= deadline) return exit;
      await nextLook(watcher, Math.min(pollMs, deadline - performance.now()), options.signal);
      pollMs = Math.min(pollMs * 1.5, LONGEST_POLL_MS);
    }
  } finally {
    watcher?.close();
  }
}

/** A watch makes the answer quick, looking again makes it sure: watches may be used up or deaf. */
function watchDirectory(directory: string): FSWatcher | undefined {
  try {
    const watcher = watch(directory, { persistent: false });
    watcher.on("error", () => {});
    return watcher;
  } catch {
    return undefined;
  }
}

function nextLook(
  watcher: FSWatcher | undefined,
  afterMs: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = () => {
      clearTimeout(timer);
      watcher?.off("change", done);
      signal?.removeEventListener("abort", onAbort);
      resolve();
    };
    const onAbort = () => {
      done();
      reject(toCancelled(signal, signal?.reason));
    };
    const timer = setTimeout(done, Math.max(0, afterMs));
    watcher?.once("change", done);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
