import { existsSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { MIGRATIONS } from "./migrations.ts";
import { readOnlyUrl } from "./read-only-url.ts";

/** Beyond that whoever only looks goes without. */
const TIMEOUT_MS = 40;

/**
 * Runs a query on the database as it is: nothing is created and no schema changed. Undefined where
 * there is no database, or one of another schema; what SQLite refuses is thrown as it is.
 */
export async function readDatabase<T>(
  file: string,
  query: (database: DatabaseSync) => T,
): Promise<T | undefined> {
  if (!existsSync(file)) return undefined;
  const { DatabaseSync } = await import("node:sqlite");
  const database = new DatabaseSync(readOnlyUrl(file), { readOnly: true, timeout: TIMEOUT_MS });
  try {
    const version = database.prepare("PRAGMA user_version").get()?.user_version;
    return version === MIGRATIONS.length ? query(database) : undefined;
  } finally {
    database.close();
  }
}
