import { isAlive, readBootId } from "../../host/process-identity.ts";
import type { Engine } from "../engine.ts";
import { readExit, type ShimExit } from "../shim/read-exit.ts";
import { shimFiles } from "../shim/shim-files.ts";
import type { ContainerRecord } from "./container-record.ts";
import { phaseOf } from "./container-state.ts";
import { updateContainer } from "./container-store.ts";

/**
 * The record as it is by now: an exit that the shim has written down is taken over, and a container
 * whose shim has died is killed and ended as EXITED, 255, Unknown. What is new is stored. On a disk
 * that may only be read nothing is stored, and nothing killed.
 */
export async function refreshContainer(
  engine: Engine,
  record: ContainerRecord,
): Promise<ContainerRecord> {
  const phase = phaseOf(record);
  if (phase === "creating" || phase === "exited") return record;
  const ended = await findEnd(engine, record);
  if (ended === undefined) return record;
  if (engine.database.isReadOnly) return ended;
  await engine.database.write((db) => updateContainer(db, ended));
  return ended;
}

async function findEnd(
  engine: Engine,
  record: ContainerRecord,
): Promise<ContainerRecord | undefined> {
  const files = shimFiles(engine.paths, record.id);
  const isShimAlive = record.shim !== undefined && isAlive(record.shim);
  // In this order: a shim that has ended wrote its file before.
  const exit = readExit(files);
  if (exit !== undefined) return withExit(record, exit);
  if (isShimAlive) return undefined;
  if (engine.database.isReadOnly) {
    if (record.init !== undefined && isAlive(record.init)) return undefined;
  } else if (record.shim?.bootId === readBootId()) {
    const { killCgroup } = await import("../cgroups/kill-cgroup.ts");
    await killCgroup(record.cgroupPath);
  }
  return {
    ...record,
    finishedAtNs: engine.now(),
    exitCode: 255,
    reason: "Unknown",
    message:
      record.shim?.bootId === readBootId()
        ? "the container's shim has died"
        : "the node was restarted",
  };
}

/** The record of a container that ended so. */
function withExit(record: ContainerRecord, exit: ShimExit): ContainerRecord {
  const { exitCode, oomKilled } = exit;
  // The time of a file comes from a clock that stands still for milliseconds: it may be before the start.
  const { startedAtNs = 0n } = record;
  const finishedAtNs = exit.finishedAtNs < startedAtNs ? startedAtNs : exit.finishedAtNs;
  const reason = exitCode === 0 ? "Completed" : oomKilled ? "OOMKilled" : "Error";
  return { ...record, finishedAtNs, exitCode, reason };
}
