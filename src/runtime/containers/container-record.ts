import { ContainerConfig } from "../../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../../errors/status-error.ts";
import type { ProcessIdentity } from "../../host/process-identity.ts";

/** One container as the database keeps it. Times are nanoseconds since the epoch. */
export interface ContainerRecord {
  readonly id: string;
  readonly sandboxId: string;
  /** As CRI gave it, with the resources as last updated. */
  readonly config: ContainerConfig;
  readonly imageId: string;
  readonly runtimeHandler: string;
  readonly logPath: string;
  /** Absolute below each hierarchy. */
  readonly cgroupPath: string;
  readonly user: { uid: number; gid: number; groups: readonly number[] };
  /** Its number. */
  readonly stopSignal: number;
  readonly createdAtNs: bigint;
  /** False while somebody is still creating it. */
  readonly isCreated: boolean;
  readonly shim: ProcessIdentity | undefined;
  /** The container's first process, as the node numbers it. */
  readonly init: ProcessIdentity | undefined;
  readonly startedAtNs: bigint | undefined;
  readonly finishedAtNs: bigint | undefined;
  readonly exitCode: number;
  /** Completed, Error, OOMKilled or Unknown; empty before the end. */
  readonly reason: string;
  readonly message: string;
}

/** What of a record lies in its JSON column; the rest has columns of its own. */
type StoredRecord = Omit<
  ContainerRecord,
  "id" | "sandboxId" | "config" | "createdAtNs" | "startedAtNs" | "finishedAtNs" | "shim" | "init"
> & {
  readonly version: 1;
  readonly startedAtNs: string | null;
  readonly finishedAtNs: string | null;
  readonly shim: ProcessIdentity | null;
  readonly init: ProcessIdentity | null;
};

export function formatRecord(record: ContainerRecord): string {
  const { id: _id, sandboxId: _sandbox, config: _config, createdAtNs: _created, ...rest } = record;
  const stored: StoredRecord = {
    ...rest,
    version: 1,
    startedAtNs: record.startedAtNs?.toString() ?? null,
    finishedAtNs: record.finishedAtNs?.toString() ?? null,
    shim: record.shim ?? null,
    init: record.init ?? null,
  };
  return JSON.stringify(stored);
}

export interface ContainerRow {
  readonly id: string;
  readonly sandboxId: string;
  readonly createdAtNs: bigint;
  readonly config: Uint8Array;
  readonly record: string;
}

/** DataLoss for a record of a version that this crish does not know. */
export function parseRecord(row: ContainerRow): ContainerRecord {
  const { version, ...stored } = JSON.parse(row.record) as StoredRecord;
  if (version !== 1) {
    throw new StatusError("DataLoss", `container "${row.id}" has a record of version ${version}`);
  }
  return {
    ...stored,
    id: row.id,
    sandboxId: row.sandboxId,
    createdAtNs: row.createdAtNs,
    config: ContainerConfig.decode(row.config),
    startedAtNs: toTime(stored.startedAtNs),
    finishedAtNs: toTime(stored.finishedAtNs),
    shim: stored.shim ?? undefined,
    init: stored.init ?? undefined,
  };
}

function toTime(text: string | null): bigint | undefined {
  return text === null ? undefined : BigInt(text);
}
