import type { DatabaseSync } from "node:sqlite";
import { StatusError } from "../../errors/status-error.ts";
import { failpoint } from "../../host/failpoint.ts";
import { sleep } from "../../host/sleep.ts";
import type { Migration } from "./migrations.ts";

export interface CurrentOptions {
  readonly file: string;
  readonly migrations: readonly Migration[];
  /** A connection as everybody uses it; it waits for others by itself. */
  connect(): DatabaseSync;
  /** A connection that has read nothing yet and waits for nobody. */
  connectAlone(): DatabaseSync;
  isBusy(error: unknown): boolean;
}

/** How long a step that others do not survive waits until they have ended. */
const ALONE_DEADLINE_MS = 2_000;
/** The whole wait for other writers. */
const BUSY_DEADLINE_MS = 10_000;

/**
 * A connection to the database at the schema that this program knows. Steps that others may go on
 * beside are done at once. Before any other step it is made sure that nobody else has the database
 * open, by SQLite's own lock: in WAL mode every connection holds the file's shared lock from its
 * first read to its end, also those of releases that know nothing of this, and the kernel releases
 * it however a process ends. Rejects with FailedPrecondition, naming who has it open, when they do
 * not end in time, and for a database whose schema is too new.
 */
export async function openCurrent(options: CurrentOptions): Promise<DatabaseSync> {
  const startedAt = performance.now();
  for (;;) {
    let mustBeAlone = false;
    let version = 0;
    try {
      const database = options.connect();
      version = closeUnlessUsable(database, options);
      if (database.isOpen) return database;
      mustBeAlone = version > 0 && !options.migrations.slice(version).every(isAdditive);
      migrate(options, version, mustBeAlone);
      continue;
    } catch (error) {
      if (!options.isBusy(error)) throw error;
      const waitedMs = performance.now() - startedAt;
      if (mustBeAlone && waitedMs > ALONE_DEADLINE_MS) throw await stillUsed(options, version);
      if (waitedMs > BUSY_DEADLINE_MS) throw error;
    }
    await sleep(5 + Math.random() * 20);
  }
}

/** A connection at once, to a database that had this program's schema a moment ago. */
export function openUsable(options: CurrentOptions): DatabaseSync {
  const database = options.connect();
  const version = closeUnlessUsable(database, options);
  if (database.isOpen) return database;
  throw new StatusError(
    "FailedPrecondition",
    `"${options.file}" has become one of an older crish (schema ${version})`,
  );
}

/** The schema of the database, which stays open only where this program can use it as it is. */
function closeUnlessUsable(database: DatabaseSync, { file, migrations }: CurrentOptions): number {
  let isUsable = false;
  try {
    const version = schemaVersion(database);
    if (version > migrations.length && oldestUsable(database, version) > migrations.length) {
      throw new StatusError(
        "FailedPrecondition",
        `"${file}" was written by a newer crish (schema ${version}, known up to ${migrations.length})`,
        { hint: "install the newer crish, or name another root with CRISH_ROOT" },
      );
    }
    isUsable = version >= migrations.length;
    return version;
  } finally {
    if (!isUsable) database.close();
  }
}

/** All steps in one transaction; nothing where somebody else has been faster. */
function migrate(options: CurrentOptions, version: number, alone: boolean): void {
  const { migrations } = options;
  const database = alone ? options.connectAlone() : options.connect();
  try {
    // Before the first read, so that the shared lock becomes the exclusive one or nothing.
    if (alone) database.exec("PRAGMA locking_mode = EXCLUSIVE");
    database.exec("BEGIN IMMEDIATE");
    if (schemaVersion(database) === version) {
      for (const { sql } of migrations.slice(version)) database.exec(sql);
      writeOldestUsable(database, migrations);
      database.exec(`PRAGMA user_version = ${migrations.length}`);
    }
    failpoint("migrate:steps");
    database.exec("COMMIT");
  } finally {
    // What is not committed is rolled back.
    database.close();
  }
}

async function stillUsed({ file, migrations }: CurrentOptions, version: number): Promise<Error> {
  const { findDatabaseUsers } = await import("./find-database-users.ts");
  const users = await findDatabaseUsers(file);
  const named = users.slice(0, 3).map(({ command, pid }) => `${command} (pid ${pid})`);
  const who = named.length === 0 ? "another process" : named.join(", ");
  const more = users.length > 3 ? ` and ${users.length - 3} more` : "";
  return new StatusError(
    "FailedPrecondition",
    `${who}${more} still ${users.length > 1 ? "use" : "uses"} "${file}" with schema ${version}, this crish needs schema ${migrations.length}`,
    { hint: "stop it first (containers go on), or use the crish that it was started from" },
  );
}

function isAdditive({ additive }: Migration): boolean {
  return additive;
}

export function schemaVersion(database: DatabaseSync): number {
  return Number(database.prepare("PRAGMA user_version").get()?.user_version ?? 0);
}

/** The schema that a program must know at least; where none is noted, the present one. */
export function oldestUsable(database: DatabaseSync, version: number): number {
  const row = database.prepare("SELECT value FROM meta WHERE key = 'oldest_schema'").get();
  return row === undefined ? version : Number(row.value);
}

function writeOldestUsable(database: DatabaseSync, migrations: readonly Migration[]): void {
  database.exec("DELETE FROM meta WHERE key = 'oldest_schema'");
  const oldest = migrations.findLastIndex(({ additive }) => !additive) + 1;
  if (oldest === migrations.length) return;
  database.prepare("INSERT INTO meta VALUES ('oldest_schema', ?)").run(String(oldest));
}
