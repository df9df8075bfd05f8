import { processesNaming } from "./processes-naming.ts";
import { waitUntil } from "./wait-until.ts";

/**
 * Ends every process whose command line names the directory: shims and their like, which outlive
 * who started them. Resolves when none is left.
 */
export async function killProcessesNaming(directory: string): Promise<void> {
  await waitUntil(`no process names ${directory}`, async () => {
    const found = await processesNaming(directory);
    for (const { pid } of found) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // it has ended by itself
      }
    }
    return found.length === 0;
  });
}
