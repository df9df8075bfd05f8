import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { cgroupDirectory, type Hierarchies, readHierarchies } from "./hierarchies.ts";

/** The processes in the cgroup and all cgroups below it, over every hierarchy; none where it does not exist. */
export function listCgroupProcesses(
  path: string,
  hierarchies: Hierarchies = readHierarchies(),
): number[] {
  const pids = new Set<number>();
  for (const hierarchy of hierarchies.all) {
    for (const directory of listCgroupTree(cgroupDirectory(hierarchy, path))) {
      for (const line of readLines(join(directory, "cgroup.procs"))) pids.add(Number(line));
    }
  }
  pids.delete(0);
  return [...pids];
}

/** The directory and every cgroup below it, parents before children; empty where it does not exist. */
export function listCgroupTree(directory: string): string[] {
  const found: string[] = [];
  const pending = [directory];
  for (let current = pending.pop(); current !== undefined; current = pending.pop()) {
    try {
      for (const entry of readdirSync(current, { withFileTypes: true })) {
        if (entry.isDirectory()) pending.push(join(current, entry.name));
      }
      found.push(current);
    } catch {
      // Gone meanwhile.
    }
  }
  return found;
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, "utf8").split("\n").filter(Boolean);
  } catch {
    return [];
  }
}
