import { StatusError } from "../errors/status-error.ts";

/** Whether the command was told to end, by Ctrl-C say. What cannot be written ends it too, as a failure. */
export function isInterrupted(signal: AbortSignal): boolean {
  const reason: unknown = signal.reason;
  return signal.aborted && !(reason instanceof StatusError && reason.code !== "Cancelled");
}
