/**
 * The containers' room: their records, their states and what moves them from one to the next. It
 * uses the specification, the shim, cgroups and snapshots; of its pod it knows the environment it was
 * handed, and nothing above it.
 *
 *      create            start             ends or is stopped
 *   ──► (creating) ──► CREATED ──► RUNNING ──► EXITED ──► removed
 *            │            │                       ▲
 *            │ fails      └───────────────────────┘  stopped before its start, shim dead, reboot
 *            ▼
 *         nothing
 *
 * A state is never stored: it follows from what has happened, so no record can contradict itself.
 * `creating` is a record that its creator has not yet ended; nobody sees it, and recovery undoes it.
 * Specification: CRI v1, ContainerState.
 */
import { StatusError } from "../../errors/status-error.ts";
import type { ContainerRecord } from "./container-record.ts";

export type ContainerPhase = "creating" | "created" | "running" | "exited";

type Happened = Pick<ContainerRecord, "isCreated" | "startedAtNs" | "finishedAtNs">;

export function phaseOf(record: Happened): ContainerPhase {
  if (record.finishedAtNs !== undefined) return "exited";
  if (record.startedAtNs !== undefined) return "running";
  return record.isCreated ? "created" : "creating";
}

/** FailedPrecondition unless the container waits for its start. */
export function assertCanStart(record: Happened & { readonly id: string }): void {
  const phase = phaseOf(record);
  if (phase === "created") return;
  throw new StatusError(
    "FailedPrecondition",
    `container "${record.id}" cannot be started: it is ${phase}`,
  );
}

/** FailedPrecondition unless something of the container runs that one can speak to. */
export function assertIsRunning(record: Happened & { readonly id: string }): void {
  const phase = phaseOf(record);
  if (phase === "running") return;
  throw new StatusError("FailedPrecondition", `container "${record.id}" is not running: ${phase}`);
}
