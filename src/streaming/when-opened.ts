import { StatusError } from "../errors/status-error.ts";
import { CONNECT_TIMEOUT_MS } from "./dial-options.ts";

/** Waits until the server has accepted all the streams. Rejects with Unavailable, Cancelled. */
export async function whenOpened(
  opened: readonly Promise<void>[],
  { connectTimeoutMs: timeoutMs = CONNECT_TIMEOUT_MS, signal }: WhenOpenedOptions,
): Promise<void> {
  const { promise: failed, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(new StatusError("Cancelled", "interrupted while connecting"));
  if (signal?.aborted) onAbort();
  signal?.addEventListener("abort", onAbort, { once: true });
  const timer = setTimeout(
    () => reject(new StatusError("Unavailable", `streams were not accepted in ${timeoutMs} ms`)),
    timeoutMs,
  );
  try {
    await Promise.race([Promise.all(opened), failed]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}

interface WhenOpenedOptions {
  readonly connectTimeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}
