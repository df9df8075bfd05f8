import { existsSync, statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { schemaVersion } from "./open-current.ts";
import { unchangingUrl } from "./read-only-url.ts";

/**
 * A database to which nobody is connected, read as the file that it is: nothing is made beside it, no
 * lock is taken, and nothing is left to take away at the end.
 */
export interface Look {
  /**
   * What the query finds, or throws. Undefined where that does not count, since somebody has connected
   * to the database or changed it since the look was opened.
   */
  read<T>(query: (database: DatabaseSync) => T): { readonly value: T } | undefined;
  /** Idempotent. */
  close(): void;
}

export interface LookOptions {
  readonly DatabaseSync: typeof import("node:sqlite").DatabaseSync;
  readonly file: string;
  /** The schema that the program knows. */
  readonly schema: number;
  /** For how long the file must have been left alone. */
  readonly quietMs: number;
}

/**
 * File systems tell times in ticks of up to two seconds: of a file that was left alone for longer,
 * every later change makes the time another one.
 */
export const QUIET_MS = 3_000;

/**
 * Undefined where the database is none to look at like this: it is not there, is in use, was in use
 * a moment ago, or has another schema.
 *
 * What is written goes to the log beside the database first, and from there into the database before
 * the log goes. So, as long as there is no log and the database has the time that it had, it holds all
 * that was ever committed, and no page of it has been written since: asked in this order after a
 * query, that holds of what the query has read.
 */
export function openLook({ DatabaseSync, file, schema, quietMs }: LookOptions): Look | undefined {
  const before = stateAtRest(file);
  if (before === undefined || Date.now() - before.changedAtMs < quietMs) return undefined;
  // Of a crash while it was no database with a log.
  if (existsSync(`${file}-journal`)) return undefined;
  let database: DatabaseSync;
  try {
    database = new DatabaseSync(unchangingUrl(file), { readOnly: true });
  } catch {
    return undefined;
  }
  const look: Look = {
    read(query) {
      try {
        const value = query(database);
        return isAsBefore(file, before) ? { value } : undefined;
      } catch (error) {
        // A change in the middle of it may be the reason.
        if (isAsBefore(file, before)) throw error;
        return undefined;
      }
    },
    close() {
      if (database.isOpen) database.close();
    },
  };
  if (hasSchema(look, schema)) return look;
  look.close();
  return undefined;
}

function hasSchema(look: Look, schema: number): boolean {
  try {
    return look.read(schemaVersion)?.value === schema;
  } catch {
    return false;
  }
}

interface StateAtRest {
  readonly changedAtMs: number;
  readonly sizeBytes: number;
  readonly inode: number;
}

/** Undefined while somebody is connected, or was when it ended by force: then there is a log. */
function stateAtRest(file: string): StateAtRest | undefined {
  if (existsSync(`${file}-wal`)) return undefined;
  const found = statSync(file, { throwIfNoEntry: false });
  return found && { changedAtMs: found.mtimeMs, sizeBytes: found.size, inode: found.ino };
}

function isAsBefore(file: string, before: StateAtRest): boolean {
  const now = stateAtRest(file);
  return (
    now !== undefined &&
    now.changedAtMs === before.changedAtMs &&
    now.sizeBytes === before.sizeBytes &&
    now.inode === before.inode
  );
}
