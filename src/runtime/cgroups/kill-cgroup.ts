import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { StatusError } from "../../errors/status-error.ts";
import { cgroupDirectory, type Hierarchies, readHierarchies } from "./hierarchies.ts";
import { listCgroupProcesses } from "./list-cgroup-processes.ts";

const DEFAULT_TIMEOUT_MS = 10_000;
const POLL_MS = 3;

/**
 * Kills every process in the cgroup and below it, and those they fork meanwhile, and resolves when
 * none is left. Zombies do not count: their parent reaps them. Idempotent; a cgroup that does not
 * exist is empty. DeadlineExceeded where processes do not die (uninterruptible sleep).
 */
export async function killCgroup(
  path: string,
  options: { timeoutMs?: number; hierarchies?: Hierarchies } = {},
): Promise<void> {
  const hierarchies = options.hierarchies ?? readHierarchies();
  const deadline = performance.now() + (options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  while (true) {
    const pids = listCgroupProcesses(path, hierarchies).filter(isRunning);
    if (pids.length === 0) return;
    if (performance.now() > deadline) {
      throw new StatusError(
        "DeadlineExceeded",
        `processes ${pids.slice(0, 5).join(", ")} in cgroup "${path}" do not die`,
      );
    }
    signalCgroup(path, "SIGKILL", hierarchies);
    thaw(path, hierarchies);
    await delay(POLL_MS);
  }
}

/** Sends the signal to every process in the cgroup and below it, once. */
function signalCgroup(
  path: string,
  signal: NodeJS.Signals,
  hierarchies: Hierarchies = readHierarchies(),
): void {
  if (signal === "SIGKILL" && killAtOnce(path, hierarchies)) return;
  for (const pid of listCgroupProcesses(path, hierarchies)) {
    try {
      process.kill(pid, signal);
    } catch {
      // Gone meanwhile.
    }
  }
}

/** Version 2 kills a whole tree in one write, without a race with fork. */
function killAtOnce(path: string, hierarchies: Hierarchies): boolean {
  if (hierarchies.mode !== "v2") return false;
  const [unified] = hierarchies.all;
  const file = unified && join(cgroupDirectory(unified, path), "cgroup.kill");
  if (file === undefined || !existsSync(file)) return false;
  writeFileSync(file, "1");
  return true;
}

/** A frozen process dies only when it thaws (version 1). */
function thaw(path: string, hierarchies: Hierarchies): void {
  const freezer = hierarchies.all.find((one) => one.controllers.includes("freezer"));
  if (freezer === undefined) return;
  try {
    writeFileSync(join(cgroupDirectory(freezer, path), "freezer.state"), "THAWED");
  } catch {
    // The cgroup is not in this hierarchy.
  }
}

function isRunning(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const state = stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3);
    return state !== "Z" && state !== "X";
  } catch {
    return false;
  }
}
