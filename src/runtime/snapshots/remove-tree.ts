import { rm } from "node:fs/promises";
import { sleep } from "../../host/sleep.ts";

const ATTEMPTS = 40;
const PAUSE_MS = 50;

/**
 * Removes a directory with all below it; one that is not there is no error. A tar whose crish was
 * killed writes on for a moment, until it sees the end of its input: then it is tried again.
 */
export async function removeTree(directory: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await rm(directory, { recursive: true, force: true });
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      if (code !== "ENOTEMPTY" || attempt === ATTEMPTS) throw error;
    }
    await sleep(PAUSE_MS);
  }
}
