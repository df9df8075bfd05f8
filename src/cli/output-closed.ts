/** Why a signal aborted: whoever read our stdout went away (`crish ps | head -1`). */
export const OUTPUT_CLOSED = Symbol("output closed");

/** Whether the command was ended by its reader, which is no failure and is not spoken of. */
export function isOutputClosed(signal: AbortSignal): boolean {
  return signal.aborted && signal.reason === OUTPUT_CLOSED;
}
