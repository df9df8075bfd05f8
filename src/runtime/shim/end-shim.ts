import { setTimeout as delay } from "node:timers/promises";
import { isAlive, type ProcessIdentity } from "../../host/process-identity.ts";

const POLL_MS = 2;

/**
 * Ends a shim whose exit has been read: what it still does (a second copy, onto a disk) takes longer
 * than all the rest of a removal, and must not write into what is being removed.
 */
export async function endShim(shim: ProcessIdentity): Promise<void> {
  while (isAlive(shim)) {
    try {
      process.kill(shim.pid, "SIGKILL");
    } catch {
      // Gone meanwhile.
    }
    await delay(POLL_MS);
  }
}
