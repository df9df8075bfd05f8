import { StatusError } from "../errors/status-error.ts";

/** Waits that long; rejects with Cancelled as soon as the signal aborts (or with its own StatusError). */
export async function sleep(durationMs: number, options: { signal?: AbortSignal } = {}) {
  const { signal } = options;
  const { setTimeout: delay } = await import("node:timers/promises");
  try {
    await delay(durationMs, undefined, signal === undefined ? {} : { signal });
  } catch (cause) {
    throw toCancelled(signal, cause);
  }
}

/** Throws what `sleep` would reject with when the signal has aborted already. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw toCancelled(signal, signal.reason);
}

/** The signal's own reason where that is a StatusError (a deadline, say), else Cancelled. */
export function toCancelled(signal: AbortSignal | undefined, cause: unknown): StatusError {
  const reason: unknown = signal?.reason;
  if (reason instanceof StatusError) return reason;
  if (reason instanceof Error && reason.name === "TimeoutError") {
    return new StatusError("DeadlineExceeded", "the deadline has passed", { cause: reason });
  }
  return new StatusError("Cancelled", "interrupted", { cause });
}
