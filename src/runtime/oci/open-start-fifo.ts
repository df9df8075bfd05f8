import { closeSync, constants, openSync, readSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { StatusError } from "../../errors/status-error.ts";

const DEADLINE_MS = 5_000;
const POLL_MS = 1;

/**
 * Starts a created container as `runc start` does, without its process: the first process waits for
 * somebody to open the fifo in runc's state, writes one byte and runs the program. Resolves to false
 * where there is no such fifo (another runtime, or started already); Unknown where nothing answers.
 */
export async function openStartFifo(
  runcRoot: string,
  containerId: string,
  isInitAlive: () => boolean,
): Promise<boolean> {
  const path = join(runcRoot, containerId, "exec.fifo");
  const descriptor = tryOpen(path);
  if (descriptor === undefined) return false;
  try {
    const deadline = performance.now() + DEADLINE_MS;
    for (;;) {
      // Asked before the fifo: a short program may write its byte and end between the two questions.
      const mayAnswer = isInitAlive() && performance.now() < deadline;
      if (hasByte(descriptor)) break;
      if (!mayAnswer) {
        throw new StatusError("Unknown", "the container's first process does not answer");
      }
      await delay(POLL_MS);
    }
    rmSync(path, { force: true });
    return true;
  } finally {
    closeSync(descriptor);
  }
}

function tryOpen(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
}

/** Nothing yet is an error without a writer's byte (EAGAIN), or an end without a writer. */
function hasByte(descriptor: number): boolean {
  try {
    return readSync(descriptor, new Uint8Array(1)) > 0;
  } catch {
    return false;
  }
}
