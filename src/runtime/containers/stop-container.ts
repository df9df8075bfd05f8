import { isAlive } from "../../host/process-identity.ts";
import { killCgroup } from "../cgroups/kill-cgroup.ts";
import { removeCgroup } from "../cgroups/remove-cgroup.ts";
import type { Engine } from "../engine.ts";
import { endShim } from "../shim/end-shim.ts";
import { shimFiles } from "../shim/shim-files.ts";
import { waitForExit } from "../shim/wait-for-exit.ts";
import type { ContainerRecord } from "./container-record.ts";
import { phaseOf } from "./container-state.ts";
import { getContainer } from "./find-container.ts";

/** How long the shim may take to write down the exit of a process that was killed. */
const KILL_DEADLINE_MS = 10_000;
const CGROUP_TIMEOUT_MS = 50;

/**
 * Ends the container: its stop signal, then, after the grace, KILL to everything in its cgroup.
 * Resolves when it is EXITED. Idempotent. NotFound for an unknown ID, DeadlineExceeded where its
 * processes do not die.
 */
export async function stopContainer(
  engine: Engine,
  id: string,
  options: { graceMs: number; signal?: AbortSignal },
): Promise<ContainerRecord> {
  const record = await getContainer(engine, id);
  if (phaseOf(record) === "exited") return record;
  const files = shimFiles(engine.paths, record.id);
  const wait = {
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    isGone: () => record.shim === undefined || !isAlive(record.shim),
  };
  if (phaseOf(record) === "running" && options.graceMs > 0) {
    sendSignal(record);
    await waitForExit(files, { ...wait, timeoutMs: options.graceMs });
  }
  // Also after a polite end: in a shared PID namespace children outlive the first process.
  await killCgroup(record.cgroupPath);
  await waitForExit(files, { ...wait, timeoutMs: KILL_DEADLINE_MS });
  // Nothing will run in it again; where something is still dying, the removal does it.
  await removeCgroup(record.cgroupPath, { timeoutMs: CGROUP_TIMEOUT_MS }).catch(() => {});
  const stopped = await getContainer(engine, record.id);
  // The exit is in the database now: the shim need not write its second copy to the disk.
  if (phaseOf(stopped) === "exited" && record.shim !== undefined) await endShim(record.shim);
  return stopped;
}

function sendSignal(record: ContainerRecord): void {
  if (record.init === undefined || !isAlive(record.init)) return;
  try {
    process.kill(record.init.pid, record.stopSignal);
  } catch {
    // Gone meanwhile.
  }
}
