import type { DatabaseSync } from "node:sqlite";
import { StatusError } from "../../errors/status-error.ts";
import { sleep } from "../../host/sleep.ts";
import { createConnector } from "./create-connector.ts";
import type { Database } from "./database.ts";
import { openDiskReserve } from "./disk-reserve.ts";
import { MIGRATIONS, type Migration } from "./migrations.ts";
import { type Look, openLook, QUIET_MS } from "./open-look.ts";
import { inTransaction, readWhileBusy } from "./run-transaction.ts";
import { isBusy, isOnReadOnlyDisk, lacksSpace, toDatabaseError } from "./to-database-error.ts";

export interface DatabaseOptions {
  readonly file: string;
  /** A one-shot command waits inside SQLite; a server waits a few ms at a time, its event loop free between. */
  readonly mode: "one-shot" | "serve";
  /** The schema that this program knows: another one than its own in tests of upgrades. */
  readonly migrations?: readonly Migration[];
  /** Where a command may put files that nobody wants later, on another disk perhaps. */
  readonly scratch?: string;
}

/** The whole wait for other writers, in either mode. */
const WRITE_DEADLINE_MS = 10_000;

/**
 * Opens the database, creates it where absent (0600) and brings its schema up to date, as
 * `openCurrent` does it. On a full disk it lives on what has been kept for that. To a database that
 * nobody uses a command connects only when it writes, or when somebody else has connected; on a disk
 * that may only be read it looks and never writes, where a server is refused.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { DatabaseSync } = await import("node:sqlite");
  const { file, mode, migrations = MIGRATIONS } = options;
  const facts = { DatabaseSync, file, schema: migrations.length };
  if (mode === "one-shot" && isOnReadOnlyDisk(file)) {
    const { openReadOnly } = await import("./open-read-only.ts");
    return await openReadOnly({ ...facts, scratch: options.scratch });
  }
  const look = mode === "one-shot" ? openLook({ ...facts, quietMs: QUIET_MS }) : undefined;
  return await useDatabase({ ...facts, mode, migrations, look });
}

interface UseOptions extends DatabaseOptions {
  readonly DatabaseSync: typeof import("node:sqlite").DatabaseSync;
  readonly migrations: readonly Migration[];
  readonly look: Look | undefined;
}

/** Connects at once where there is no look. */
async function useDatabase({ look, ...options }: UseOptions): Promise<Database> {
  const { file } = options;
  const reserve = openDiskReserve(file);
  const connector = createConnector(options);
  // Whoever only looks, on a disk with space, has nothing to do with it.
  let isReserveUsed = false;
  let connected: DatabaseSync | undefined;
  if (look === undefined) {
    connected = await connector
      .connect()
      .catch((error: unknown) => {
        if (!lacksSpace(error, file) || !reserve.release()) throw error;
        isReserveUsed = true;
        return connector.connect();
      })
      .catch((error: unknown) => {
        throw toDatabaseError(error, file);
      });
    if (isReserveUsed) reserve.fill();
  }
  const connection = () => {
    connected ??= connector.connectNow();
    return connected;
  };
  // Once more with the space that was kept, where the disk has none; as much as is left of it is kept again.
  const onReserve = <T>(work: () => T) => {
    try {
      return work();
    } catch (error) {
      if (!lacksSpace(error, file) || !reserve.release()) throw error;
      isReserveUsed = true;
    }
    try {
      return work();
    } finally {
      reserve.fill();
    }
  };
  const lookAgain = <T>(query: (database: DatabaseSync) => T) => {
    try {
      return look?.read(query);
    } catch (error) {
      throw toDatabaseError(error, file);
    }
  };
  return {
    isReadOnly: false,
    read(query) {
      const seen = connected === undefined ? lookAgain(query) : undefined;
      if (seen !== undefined) return seen.value;
      // Already connected, it needs no space.
      const work = () => inTransaction(connection, "BEGIN", query, file);
      return readWhileBusy(() => (connected === undefined ? onReserve(work) : work()));
    },
    async write(change) {
      const work = () => inTransaction(connection, "BEGIN IMMEDIATE", change, file);
      const result = await retryWhileBusy(file, () => onReserve(work));
      if (!isReserveUsed) reserve.fill();
      isReserveUsed = true;
      return result;
    },
    close() {
      look?.close();
      if (connected?.isOpen !== true) return;
      connected.close();
      // SQLite's files may be gone with it.
      if (isReserveUsed) reserve.fill();
    },
  };
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
