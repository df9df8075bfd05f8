import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { StatusError } from "../../errors/status-error.ts";
import { type Hierarchies, type Hierarchy, readHierarchies } from "./hierarchies.ts";

/**
 * Creates the cgroup, and the parents it lacks, in every hierarchy. A new one gets its parent's
 * cpus and memory nodes (version 1), and its parents hand every controller down (version 2).
 * Idempotent. FailedPrecondition where the hierarchy is read-only.
 */
export function createCgroup(path: string, hierarchies: Hierarchies = readHierarchies()): void {
  for (const hierarchy of hierarchies.all) {
    try {
      createIn(hierarchy, path);
    } catch (cause) {
      throw new StatusError(
        "FailedPrecondition",
        `cannot create cgroup "${path}" in "${hierarchy.mountPoint}"`,
        { cause },
      );
    }
  }
}

function createIn(hierarchy: Hierarchy, path: string): void {
  const names = path.split("/").filter((name) => name !== "");
  let parent = hierarchy.mountPoint;
  for (const name of names) {
    if (hierarchy.version === 2) delegateControllers(parent);
    const directory = join(parent, name);
    makeDirectory(directory);
    if (hierarchy.controllers.includes("cpuset")) inheritCpuset(directory);
    parent = directory;
  }
}

function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, 0o755);
  } catch (cause) {
    if (!isExisting(cause)) throw cause;
  }
}

function isExisting(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && cause.code === "EEXIST";
}

/**
 * Without cpus and mems no process can enter a cpuset, and a new one has none; nor has one that another
 * process has just made and not filled.
 */
function inheritCpuset(directory: string): void {
  for (const file of ["cpuset.cpus", "cpuset.mems"]) {
    const read = (from: string) => readFileSync(join(from, file), "utf8").trim();
    if (read(directory) !== "") continue;
    const value = read(dirname(directory));
    if (value !== "") writeFileSync(join(directory, file), value);
  }
}

function delegateControllers(directory: string): void {
  const read = (file: string) => readFileSync(join(directory, file), "utf8").trim().split(/\s+/);
  const enabled = new Set(read("cgroup.subtree_control"));
  for (const controller of read("cgroup.controllers")) {
    if (controller === "" || enabled.has(controller)) continue;
    try {
      // One at a time: a controller that cannot be handed down must not hold back the others.
      writeFileSync(join(directory, "cgroup.subtree_control"), `+${controller}`);
    } catch {
      // EBUSY: the directory has processes of its own. The limits of that controller are then lacking below.
    }
  }
}
