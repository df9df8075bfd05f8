import { setTimeout as delay } from "node:timers/promises";
import { isAlive, type ProcessIdentity } from "../../host/process-identity.ts";

const POLL_MS = 1;
const PATIENCE_MS = 6;

/**
 * Ends a shim whose exit has been read. What it still does is to write a second copy to a disk and to
 * wait for that disk, which can take longer than all the rest of a removal: it is killed, and where
 * the kernel keeps it a while longer, it runs no step of its own any more.
 */
export async function endShim(shim: ProcessIdentity): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (isAlive(shim) && performance.now() < deadline) {
    try {
      process.kill(shim.pid, "SIGKILL");
    } catch {
      // Gone meanwhile.
    }
    await delay(POLL_MS);
  }
}
