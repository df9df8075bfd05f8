import { StatusError } from "../errors/status-error.ts";
import { throwIfAborted, toCancelled } from "../host/sleep.ts";

/**
 * Runs the work with a signal that also aborts when the time is over. Whatever the work rejects with
 * after that is Cancelled or DeadlineExceeded; it is waited for, so that it has undone what it did.
 */
export async function withDeadline<T>(
  options: { signal?: AbortSignal | undefined; timeoutMs?: number | undefined },
  what: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  throwIfAborted(options.signal);
  const controller = new AbortController();
  const { signal, timeoutMs } = options;
  const onAbort = () => controller.abort(toCancelled(signal, signal?.reason));
  signal?.addEventListener("abort", onAbort, { once: true });
  const timer =
    timeoutMs === undefined || timeoutMs <= 0
      ? undefined
      : setTimeout(
          () => controller.abort(new StatusError("DeadlineExceeded", `${what} took too long`)),
          timeoutMs,
        );
  try {
    return await work(controller.signal);
  } catch (error) {
    throw controller.signal.aborted ? toCancelled(controller.signal, error) : error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}
