import { mkdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { randomId } from "../../host/random-id.ts";
import { cgroupDirectory, findHierarchy, readHierarchies } from "../cgroups/hierarchies.ts";
import { killCgroup } from "../cgroups/kill-cgroup.ts";
import type { ContainerRecord } from "./container-record.ts";

/** A cgroup below the container's for what one exec starts, so that all of it can be ended. */
export interface ExecCgroup {
  /** Undefined where the node has none for it. */
  readonly path: string | undefined;
  /** For `runc exec`. */
  readonly args: readonly string[];
  /** Ends whatever the exec has left. */
  kill(): Promise<void>;
  /** Removes the cgroup unless something lives in it on purpose; then it goes with the container's. */
  release(): void;
}

const CONTROLLERS = ["pids", "freezer", "cpuacct"];

export function createExecCgroup(record: ContainerRecord): ExecCgroup {
  const hierarchies = readHierarchies();
  const name = `exec-${randomId().slice(0, 12)}`;
  const path = join(record.cgroupPath, name);
  const isV2 = hierarchies.mode === "v2";
  const controller = CONTROLLERS.find((one) => findHierarchy(hierarchies, one) !== undefined);
  const hierarchy = controller && findHierarchy(hierarchies, controller);
  if (!hierarchy) return { path: undefined, args: [], kill: async () => {}, release: () => {} };
  const directory = cgroupDirectory(hierarchy, path);
  mkdirSync(directory, { mode: 0o755 });
  return {
    path,
    args: ["--cgroup", isV2 ? name : `${controller}:${name}`],
    kill: () => killCgroup(path, { hierarchies }),
    release() {
      try {
        rmdirSync(directory);
      } catch {
        // Background processes of the exec live on in it.
      }
    },
  };
}
