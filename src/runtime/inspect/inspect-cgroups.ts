import { accessSync, constants, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Hierarchy, readHierarchies } from "../cgroups/hierarchies.ts";
import type { CgroupFacts } from "./node-inspector.ts";

/** The hierarchies, what they can limit, and whether cgroups can be made there. */
export function inspectCgroups(): CgroupFacts {
  const hierarchies = readHierarchies();
  const isV2 = hierarchies.mode === "v2";
  const unified = hierarchies.all.find(({ version }) => version === 2);
  return {
    ...hierarchies,
    controllers: isV2
      ? readWords(unified, "cgroup.controllers")
      : hierarchies.all
          .filter(({ version }) => version === 1)
          .flatMap(({ controllers }) => controllers)
          .filter((name) => !name.startsWith("name=")),
    handedDown: isV2 ? readWords(unified, "cgroup.subtree_control") : [],
    readOnly: hierarchies.all.map(({ mountPoint }) => mountPoint).filter((path) => !canWrite(path)),
  };
}

function readWords(hierarchy: Hierarchy | undefined, file: string): string[] {
  if (hierarchy === undefined) return [];
  try {
    return readFileSync(join(hierarchy.mountPoint, file), "latin1").split(/\s+/).filter(Boolean);
  } catch {
    return [];
  }
}

function canWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
