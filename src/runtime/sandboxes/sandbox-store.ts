import type { DatabaseSync } from "node:sqlite";
import { PodSandboxConfig } from "../../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../../errors/status-error.ts";
import type { Engine } from "../engine.ts";
import { isVisible, nameKey, type Sandbox } from "./sandbox.ts";

/** The pod with that full ID. NotFound otherwise, and for one that is still being run. */
export function getSandbox(engine: Engine, id: string): Sandbox {
  const sandbox = findSandbox(engine, id);
  if (sandbox !== undefined && isVisible(sandbox)) return sandbox;
  throw new StatusError("NotFound", `no pod "${id}"`);
}

/** Like getSandbox, but also a pod that is being run, and undefined where there is none. */
export function findSandbox(engine: Engine, id: string): Sandbox | undefined {
  return engine.database.read((db) => findSandboxWithin(db, id));
}

function findSandboxWithin(db: DatabaseSync, id: string): Sandbox | undefined {
  const statement = db.prepare("SELECT * FROM sandboxes WHERE id = ?");
  statement.setReadBigInts(true);
  const row = statement.get(id);
  return row === undefined ? undefined : fromRow(row);
}

/** Every pod that has been run, the oldest first. */
export function listSandboxes(engine: Engine): readonly Sandbox[] {
  return engine.database.read(listSandboxesWithin).filter(isVisible);
}

export function listSandboxesWithin(db: DatabaseSync): readonly Sandbox[] {
  const statement = db.prepare("SELECT * FROM sandboxes ORDER BY created_at_ns, id");
  statement.setReadBigInts(true);
  return statement.all().map(fromRow);
}

/**
 * The full ID for an ID or a unique prefix of one; undefined where no pod has it. InvalidArgument for
 * an empty one and for one that fits two pods.
 */
export function resolveSandboxId(engine: Engine, reference: string): string | undefined {
  if (reference === "") throw new StatusError("InvalidArgument", "the pod's ID is empty");
  const ids = engine.database.read((db) =>
    db
      .prepare("SELECT id FROM sandboxes WHERE id >= ? AND id < ? ORDER BY id LIMIT 3")
      .all(reference, `${reference}g`)
      .map((row) => String(row.id)),
  );
  if (ids.length <= 1 || ids[0] === reference) return ids[0];
  throw new StatusError("InvalidArgument", `"${reference}" fits more than one pod`, {
    hint: `give more of the ID: ${ids.map((id) => id.slice(0, reference.length + 4)).join(", ")}, …`,
  });
}

/** Rejects (AlreadyExists) where the name is taken. */
export function insertSandboxWithin(db: DatabaseSync, sandbox: Sandbox): void {
  const key = nameKey(sandbox.config);
  const other = db.prepare("SELECT id FROM sandboxes WHERE name_key = ?").get(key);
  if (other !== undefined) {
    const name = sandbox.config.metadata?.name ?? "";
    throw new StatusError("AlreadyExists", `a pod "${name}" exists already: "${other.id}"`, {
      hint: "remove it, or use another name, uid or attempt",
    });
  }
  db.prepare("INSERT INTO sandboxes VALUES (?, ?, ?, ?, ?)").run(
    sandbox.id,
    key,
    sandbox.createdAtNs,
    PodSandboxConfig.encode(sandbox.config).finish(),
    toRecord(sandbox),
  );
}

/** Changes fields of the record; without effect where the pod is gone. */
export function updateSandboxWithin(
  db: DatabaseSync,
  id: string,
  change: Partial<Omit<Sandbox, "id" | "createdAtNs" | "config">>,
): void {
  const sandbox = findSandboxWithin(db, id);
  if (sandbox === undefined) return;
  db.prepare("UPDATE sandboxes SET record = ? WHERE id = ?").run(
    toRecord({ ...sandbox, ...change }),
    id,
  );
}

/** Changes the configuration; its metadata stay as they are. Without effect where the pod is gone. */
export function updateSandboxConfigWithin(
  db: DatabaseSync,
  id: string,
  config: PodSandboxConfig,
): void {
  const bytes = PodSandboxConfig.encode(config).finish();
  db.prepare("UPDATE sandboxes SET config = ? WHERE id = ?").run(bytes, id);
}

export function deleteSandboxWithin(db: DatabaseSync, id: string): void {
  db.prepare("DELETE FROM sandboxes WHERE id = ?").run(id);
}

const RECORD_VERSION = 1;

function toRecord(sandbox: Sandbox): string {
  const { id: _id, createdAtNs: _createdAtNs, config: _config, ...record } = sandbox;
  return JSON.stringify({ version: RECORD_VERSION, ...record });
}

function fromRow(row: Record<string, unknown>): Sandbox {
  const { version, ...record } = JSON.parse(String(row.record)) as { version: number } & Omit<
    Sandbox,
    "id" | "createdAtNs" | "config"
  >;
  const id = String(row.id);
  if (version !== RECORD_VERSION) {
    throw new StatusError(
      "FailedPrecondition",
      `the pod "${id}" was written by another version of crish (record ${version})`,
    );
  }
  return {
    ...record,
    id,
    createdAtNs: BigInt(row.created_at_ns as bigint),
    config: PodSandboxConfig.decode(row.config as Uint8Array),
  };
}
