import { readdir, readFile, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { waitUntil } from "./wait-until.ts";

const HIERARCHIES = "/sys/fs/cgroup";

/** Kills what runs below the cgroup and removes it, in every hierarchy. */
export async function removeCgroups(parent: string): Promise<void> {
  const hierarchies = ["", ...(await readdir(HIERARCHIES))];
  for (const hierarchy of hierarchies) {
    const path = join(HIERARCHIES, hierarchy, parent);
    await waitUntil(`cgroup ${path} is gone`, () => removeTree(path));
  }
}

/** True when the cgroup is gone. */
async function removeTree(path: string): Promise<boolean> {
  let names: string[];
  try {
    const entries = await readdir(path, { withFileTypes: true });
    names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  } catch {
    return true;
  }
  for (const name of names) await removeTree(join(path, name));
  const pids = await readFile(join(path, "cgroup.procs"), "utf8").catch(() => "");
  for (const pid of pids.split("\n").map(Number)) {
    if (pid > 0 && pid !== process.pid) killQuietly(pid);
  }
  return rmdir(path).then(
    () => true,
    () => false,
  );
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // it has ended by itself
  }
}
