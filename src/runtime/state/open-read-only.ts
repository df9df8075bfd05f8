import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { StatusError } from "../../errors/status-error.ts";
import type { Database } from "./database.ts";
import { schemaVersion } from "./open-current.ts";
import { type Look, openLook } from "./open-look.ts";
import { readOnlyUrl } from "./read-only-url.ts";
import { inTransaction, readWhileBusy } from "./run-transaction.ts";
import { readOnlyDiskError, toDatabaseError } from "./to-database-error.ts";

export interface ReadOnlyOptions {
  readonly DatabaseSync: typeof import("node:sqlite").DatabaseSync;
  readonly file: string;
  /** The schema that the program knows. */
  readonly schema: number;
  /** A directory on a disk that can be written. */
  readonly scratch?: string | undefined;
}

const TIMEOUT_MS = 1_000;
/** Looks that somebody disturbed who may write where we may only read. */
const ATTEMPTS = 20;

/**
 * A database on a disk that may only be read, as it was when the disk became so: with all that lies in
 * its log. FailedPrecondition where it has another schema, or cannot be read without writing.
 */
export function openReadOnly(options: ReadOnlyOptions): Database {
  const { file } = options;
  let look: Look | undefined = openAnyLook(options);
  return {
    isReadOnly: true,
    read(query) {
      try {
        for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
          look ??= openAnyLook(options);
          const seen = look.read(query);
          if (seen !== undefined) return seen.value;
          look.close();
          look = undefined;
        }
      } catch (error) {
        throw toDatabaseError(error, file);
      }
      throw new StatusError("Unavailable", `the database "${file}" is busy`);
    },
    write: () => Promise.reject(readOnlyDiskError(file)),
    close() {
      look?.close();
      look = undefined;
    },
  };
}

function openAnyLook(options: ReadOnlyOptions): Look {
  const { file, schema } = options;
  // However lately it was changed: there is no other way, and as a rule nobody can change it now.
  const look = openLook({ ...options, quietMs: Number.NEGATIVE_INFINITY });
  if (look !== undefined) return look;
  let database: DatabaseSync | undefined;
  try {
    const opened = openWithLog(options);
    database = opened;
    if (schemaVersion(opened) !== schema) throw readOnlyDiskError(file);
    const read = <T>(query: (database: DatabaseSync) => T) =>
      readWhileBusy(() => inTransaction(() => opened, "BEGIN", query, file));
    return { read: (query) => ({ value: read(query) }), close: () => opened.close() };
  } catch (error) {
    database?.close();
    throw toDatabaseError(error, file);
  }
}

/**
 * With its index a log is read in its place, whoever else uses it. Without one nobody uses it; SQLite
 * would have to make an index beside it, and so reads a copy.
 */
function openWithLog({ DatabaseSync, file, scratch }: ReadOnlyOptions): DatabaseSync {
  const isInPlace = existsSync(`${file}-shm`) || !existsSync(`${file}-wal`);
  if (isInPlace)
    return new DatabaseSync(readOnlyUrl(file), { readOnly: true, timeout: TIMEOUT_MS });
  if (scratch === undefined) throw readOnlyDiskError(file);
  const directory = mkdtempSync(join(scratch, "database-"));
  try {
    const copy = join(directory, "crish.db");
    copyFileSync(file, copy);
    copyFileSync(`${file}-wal`, `${copy}-wal`);
    const database = new DatabaseSync(copy);
    // Opens all that it needs.
    schemaVersion(database);
    return database;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
