import { closeSync, existsSync, openSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import type { Migration } from "./migrations.ts";
import { openCurrent, openUsable } from "./open-current.ts";
import { isBusy } from "./to-database-error.ts";

export interface Connector {
  /** Creates the database where absent, brings its schema up to date and waits for others. */
  connect(): Promise<DatabaseSync>;
  /** To a database that had the schema a moment ago. What SQLite refuses is thrown as it is. */
  connectNow(): DatabaseSync;
}

export interface ConnectorOptions {
  readonly DatabaseSync: typeof import("node:sqlite").DatabaseSync;
  readonly file: string;
  readonly mode: "one-shot" | "serve";
  readonly migrations: readonly Migration[];
}

const ONE_SHOT_TIMEOUT_MS = 10_000;
const SERVE_TIMEOUT_MS = 5;

/** Makes the connections of one opener of a database: each in WAL mode, and to be closed by who has it. */
export function createConnector(options: ConnectorOptions): Connector {
  const { DatabaseSync, file, mode, migrations } = options;
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
  const current = { file, migrations, connect, connectAlone, isBusy };
  return {
    async connect() {
      createFile(file);
      return await openCurrent(current);
    },
    connectNow: () => openUsable(current),
  };
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
