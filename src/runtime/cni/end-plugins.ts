import { readdir, readFile } from "node:fs/promises";
import { sleep } from "../../host/sleep.ts";

const DEADLINE_MS = 5_000;
const POLL_MS = 20;

/**
 * Waits until no plugin works for that container any more, and kills those that take too long. A
 * runtime that was killed may have left one running: what it still did after DEL would stay for ever.
 */
export async function endPlugins(containerId: string): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    const pids = await findPlugins(containerId);
    if (pids.length === 0) return;
    if (performance.now() > deadline) for (const pid of pids) kill(pid);
    await sleep(POLL_MS);
  }
}

/** The plugins, and what they have started, bear the container in their environment. */
async function findPlugins(containerId: string): Promise<number[]> {
  const names = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    names.map(async (name) => {
      const environment = await readFile(`/proc/${name}/environ`, "latin1").catch(() => "");
      return environment.split("\0").includes(`CNI_CONTAINERID=${containerId}`)
        ? Number(name)
        : undefined;
    }),
  );
  return found.filter((pid) => pid !== undefined);
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has just ended by itself.
  }
}
