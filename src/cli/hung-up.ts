import { StatusError } from "../errors/status-error.ts";

/** Why a signal aborted: the terminal went away (SIGHUP), which nobody meant as an order to stop. */
export const HUNG_UP = new StatusError("Cancelled", "the terminal hung up");

export function isHungUp(signal: AbortSignal): boolean {
  return signal.aborted && signal.reason === HUNG_UP;
}
