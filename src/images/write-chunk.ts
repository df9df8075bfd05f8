import type { Writable } from "node:stream";
import { throwIfAborted, toCancelled } from "../host/sleep.ts";

/**
 * Writes and waits until the consumer can take more. Rejects with what the stream failed with, and
 * with Cancelled where the signal aborts a consumer that takes nothing.
 */
export async function writeChunk(
  stream: Writable,
  chunk: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<void> {
  throwIfAborted(signal);
  let settle: ((error: unknown) => void) | undefined;
  const taken = new Promise<void>((resolve, reject) => {
    settle = (error) => (error ? reject(error) : resolve());
    stream.write(chunk, settle);
  });
  const onError = (error: unknown) => settle?.(error);
  const onClose = () => settle?.(new Error("the stream was closed"));
  const onAbort = () => settle?.(toCancelled(signal, signal?.reason));
  stream.once("error", onError).once("close", onClose);
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    await taken;
  } finally {
    stream.off("error", onError).off("close", onClose);
    signal?.removeEventListener("abort", onAbort);
  }
}
