import type { DatabaseSync } from "node:sqlite";
import { isBusy, toDatabaseError } from "./to-database-error.ts";

/** Each attempt waits inside SQLite. */
const READ_ATTEMPTS = 50;

/** The work in one transaction, rolled back when it throws. */
export function inTransaction<T>(
  connection: () => DatabaseSync,
  begin: "BEGIN" | "BEGIN IMMEDIATE",
  work: (database: DatabaseSync) => T,
  file: string,
): T {
  let database: DatabaseSync | undefined;
  try {
    database = connection();
    database.exec(begin);
    const result = work(database);
    database.exec("COMMIT");
    return result;
  } catch (error) {
    // SQLite may have rolled back already, on a full disk for one.
    if (database?.isTransaction) database.exec("ROLLBACK");
    throw toDatabaseError(error, file);
  }
}

/** A reader waits only while another process opens or closes the last connection: very short, so in place. */
export function readWhileBusy<T>(work: () => T): T {
  for (let attempt = 1; ; attempt++) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error) || attempt >= READ_ATTEMPTS) throw error;
    }
  }
}
