import type { DatabaseSync } from "node:sqlite";
import { ContainerConfig } from "../../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../../errors/status-error.ts";
import type { Database } from "../state/database.ts";
import { type ContainerRecord, formatRecord, parseRecord } from "./container-record.ts";

/** Inside a transaction. AlreadyExists where the pod has a container of that name and attempt. */
export function insertContainer(db: DatabaseSync, record: ContainerRecord): void {
  const { name = "", attempt = 0 } = record.config.metadata ?? {};
  const key = `${record.sandboxId}/${name}/${attempt}`;
  const taken = db.prepare("SELECT id FROM containers WHERE name_key = ?").get(key);
  if (taken !== undefined) {
    throw new StatusError(
      "AlreadyExists",
      `container "${name}", attempt ${attempt}, exists in the pod as "${String(taken.id)}"`,
    );
  }
  db.prepare("INSERT INTO containers VALUES (?, ?, ?, ?, ?, ?)").run(
    record.id,
    record.sandboxId,
    key,
    record.createdAtNs,
    ContainerConfig.encode(record.config).finish(),
    formatRecord(record),
  );
}

/** Inside a transaction. A record that is gone stays gone. */
export function updateContainer(db: DatabaseSync, record: ContainerRecord): void {
  db.prepare("UPDATE containers SET config = ?, record = ? WHERE id = ?").run(
    ContainerConfig.encode(record.config).finish(),
    formatRecord(record),
    record.id,
  );
}

/** Inside a transaction. */
export function deleteContainer(db: DatabaseSync, id: string): void {
  db.prepare("DELETE FROM containers WHERE id = ?").run(id);
}

/** By full ID; undefined where there is none. */
export function findContainerRow(database: Database, id: string): ContainerRecord | undefined {
  return database.read((db) => select(db, "WHERE id = ?", id)[0]);
}

/** Oldest first; of one pod, or all. */
export function listContainerRows(database: Database, sandboxId?: string): ContainerRecord[] {
  return database.read((db) =>
    sandboxId === undefined ? select(db, "") : select(db, "WHERE sandbox_id = ?", sandboxId),
  );
}

/** Inside a transaction, or where nobody writes. Oldest first. */
export function listContainerRowsWithin(db: DatabaseSync): ContainerRecord[] {
  return select(db, "");
}

/**
 * The full ID behind an ID or a unique prefix of one; undefined where none begins so, and
 * InvalidArgument where several do.
 */
export function resolveContainerId(database: Database, id: string): string | undefined {
  if (!/^[0-9a-f]{1,64}$/.test(id)) return undefined;
  const ids = database.read((db) =>
    db
      .prepare("SELECT id FROM containers WHERE id >= ? AND id < ? LIMIT 2")
      .all(id, `${id}g`)
      .map((row) => String(row.id)),
  );
  if (ids.length > 1) {
    throw new StatusError("InvalidArgument", `"${id}" is the beginning of several container IDs`);
  }
  return ids[0];
}

function select(db: DatabaseSync, where: string, ...values: string[]): ContainerRecord[] {
  const statement = db.prepare(
    `SELECT id, sandbox_id, created_at_ns, config, record FROM containers ${where} ORDER BY created_at_ns`,
  );
  statement.setReadBigInts(true);
  const records: ContainerRecord[] = [];
  for (const row of statement.all(...values)) {
    const container = {
      id: String(row.id),
      sandboxId: String(row.sandbox_id),
      createdAtNs: BigInt(row.created_at_ns as bigint),
      config: row.config as Uint8Array,
      record: String(row.record),
    };
    records.push(parseRecord(container));
  }
  return records;
}
