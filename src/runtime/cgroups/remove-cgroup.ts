import { rmdirSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { StatusError } from "../../errors/status-error.ts";
import { cgroupDirectory, type Hierarchies, readHierarchies } from "./hierarchies.ts";
import { listCgroupTree } from "./list-cgroup-processes.ts";

const DEFAULT_TIMEOUT_MS = 2_000;
const POLL_MS = 1;

/**
 * Removes the cgroup and every cgroup below it from all hierarchies. A dying process keeps its cgroup
 * busy for a moment: that is waited for. Idempotent. DeadlineExceeded where processes live in it.
 */
export async function removeCgroup(
  path: string,
  options: { timeoutMs?: number; hierarchies?: Hierarchies } = {},
): Promise<void> {
  if (path.replaceAll("/", "") === "") {
    throw new StatusError("InvalidArgument", "the root cgroup cannot be removed");
  }
  const hierarchies = options.hierarchies ?? readHierarchies();
  const deadline = performance.now() + (options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  for (const hierarchy of hierarchies.all) {
    const directory = cgroupDirectory(hierarchy, path);
    while (!removeTree(directory)) {
      if (performance.now() > deadline) {
        throw new StatusError("DeadlineExceeded", `cgroup "${directory}" is still in use`);
      }
      await delay(POLL_MS);
    }
  }
}

/** False while something in the tree is busy. */
function removeTree(directory: string): boolean {
  let isGone = true;
  for (const child of listCgroupTree(directory).reverse()) {
    try {
      rmdirSync(child);
    } catch (cause) {
      const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
      if (code !== "ENOENT") isGone = false;
    }
  }
  return isGone;
}
