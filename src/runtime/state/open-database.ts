import { closeSync, existsSync, openSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { StatusError } from "../../errors/status-error.ts";
import { sleep } from "../../host/sleep.ts";
import type { Database } from "./database.ts";
import { type DiskReserve, openDiskReserve } from "./disk-reserve.ts";
import { MIGRATIONS, type Migration } from "./migrations.ts";
import { openCurrent } from "./open-current.ts";
import { isBusy, lacksSpace, toDatabaseError } from "./to-database-error.ts";

export interface DatabaseOptions {
  readonly file: string;
  /** A one-shot command waits inside SQLite; a server waits a few ms at a time, its event loop free between. */
  readonly mode: "one-shot" | "serve";
  /** The schema that this program knows: another one than its own in tests of upgrades. */
  readonly migrations?: readonly Migration[];
}

const ONE_SHOT_TIMEOUT_MS = 10_000;
const SERVE_TIMEOUT_MS = 5;
/** Each attempt waits that long inside SQLite. */
const READ_ATTEMPTS = 50;
/** The whole wait for other writers, in either mode. */
const WRITE_DEADLINE_MS = 10_000;

/**
 * Opens the database, creates it where absent (0600) and brings its schema up to date, as
 * `openCurrent` does it. On a full disk it lives on what has been kept for that.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { DatabaseSync } = await import("node:sqlite");
  const { file, mode, migrations = MIGRATIONS } = options;
  const reserve = openDiskReserve(file);
  createFile(file);
  const connect = () => {
    const opened = new DatabaseSync(file, {
      timeout: mode === "serve" ? SERVE_TIMEOUT_MS : ONE_SHOT_TIMEOUT_MS,
    });
    try {
      opened.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
      return opened;
    } catch (error) {
      opened.close();
      throw error;
    }
  };
  const connectAlone = () => new DatabaseSync(file, { timeout: 0 });
  const open = () => openCurrent({ file, migrations, connect, connectAlone, isBusy });
  // Whoever only looks, on a disk with space, has nothing to do with it.
  let isReserveUsed = false;
  const database = await open()
    .catch((error: unknown) => {
      if (!lacksSpace(error, file) || !reserve.release()) throw error;
      isReserveUsed = true;
      return open();
    })
    .catch((error: unknown) => {
      throw toDatabaseError(error, file);
    });
  if (isReserveUsed) reserve.fill();
  return {
    read: (query) => readWhileBusy(database, query, file),
    async write(change) {
      const work = () => inTransaction(database, "BEGIN IMMEDIATE", () => change(database), file);
      const result = await retryWhileBusy(file, () => onReserve(reserve, file, work));
      if (!isReserveUsed) reserve.fill();
      isReserveUsed = true;
      return result;
    },
    close() {
      if (!database.isOpen) return;
      database.close();
      // SQLite's files may be gone with it.
      if (isReserveUsed) reserve.fill();
    },
  };
}

/** Once more with the space that was kept, where the disk has none; as much as is left of it is kept again. */
function onReserve<T>(reserve: DiskReserve, file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!lacksSpace(error, file) || !reserve.release()) throw error;
  }
  try {
    return work();
  } finally {
    reserve.fill();
  }
}

/**
 * SQLite gives its other files the mode of this one. A file that is there is not opened, as closing
 * it would release the locks that this process holds on it (POSIX, https://sqlite.org/howtocorrupt.html).
 */
function createFile(file: string): void {
  if (existsSync(file)) return;
  try {
    closeSync(openSync(file, "wx", 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

function inTransaction<T>(
  database: DatabaseSync,
  begin: "BEGIN" | "BEGIN IMMEDIATE",
  work: () => T,
  file: string,
): T {
  try {
    database.exec(begin);
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    // SQLite may have rolled back already, on a full disk for one.
    if (database.isTransaction) database.exec("ROLLBACK");
    throw toDatabaseError(error, file);
  }
}

/** A reader waits only while another process opens or closes the last connection: very short, so in place. */
function readWhileBusy<T>(
  database: DatabaseSync,
  query: (database: DatabaseSync) => T,
  file: string,
): T {
  for (let attempt = 1; ; attempt++) {
    try {
      return inTransaction(database, "BEGIN", () => query(database), file);
    } catch (error) {
      if (!isBusy(error) || attempt >= READ_ATTEMPTS) throw error;
    }
  }
}

async function retryWhileBusy<T>(file: string, work: () => T): Promise<T> {
  const deadline = performance.now() + WRITE_DEADLINE_MS;
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error)) throw toDatabaseError(error, file);
      if (performance.now() > deadline) {
        throw new StatusError("Unavailable", `the database "${file}" is busy`, { cause: error });
      }
    }
    await sleep(5 + Math.random() * 20);
  }
}
