import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { StatusError } from "../../errors/status-error.ts";
import { cgroupDirectory, type Hierarchy, readHierarchies } from "./hierarchies.ts";

/**
 * Moves the process with all its threads into the cgroup, in every hierarchy or in those of one
 * version. NotFound for a process or a cgroup that does not exist.
 */
export async function moveProcess(
  path: string,
  pid: number,
  version?: Hierarchy["version"],
): Promise<void> {
  for (const hierarchy of readHierarchies().all) {
    if (version !== undefined && hierarchy.version !== version) continue;
    const file = join(cgroupDirectory(hierarchy, path), "cgroup.procs");
    try {
      // The kernel lets a grace period pass, some ms: the event loop must not stand still for it.
      await writeFile(file, String(pid));
    } catch (cause) {
      throw new StatusError("NotFound", `cannot move process ${pid} into "${file}"`, { cause });
    }
  }
}
