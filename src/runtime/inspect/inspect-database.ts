import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { StatusError } from "../../errors/status-error.ts";
import { isAlive } from "../../host/process-identity.ts";
import type { RuntimePaths } from "../paths.ts";
import { findDatabaseUsers } from "../state/find-database-users.ts";
import { MIGRATIONS } from "../state/migrations.ts";
import { oldestUsable } from "../state/open-current.ts";
import { readOnlyUrl } from "../state/read-only-url.ts";
import { toDatabaseError } from "../state/to-database-error.ts";
import type { DatabaseFacts, IntentFacts } from "./node-inspector.ts";

/** The check of a larger file takes seconds, in which nothing else goes on. */
const LARGEST_CHECKED_BYTES = 32 * 1024 * 1024;
const WAIT_MS = 1_000;

/** Reads the database without making a file beside it, whoever else uses it. */
export async function inspectDatabase(paths: RuntimePaths): Promise<DatabaseFacts> {
  const file = paths.database;
  const sizeBytes = fileSize(file);
  if (sizeBytes === undefined) return { ...NOTHING, file, strays: findStrays(paths, new Set()) };
  const users = await findDatabaseUsers(file);
  const { DatabaseSync } = await import("node:sqlite");
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(readOnlyUrl(file), { readOnly: true, timeout: WAIT_MS });
    return { ...NOTHING, ...readFacts(database, paths, sizeBytes), file, sizeBytes, users };
  } catch (error) {
    throw toDatabaseError(error, file);
  } finally {
    database?.close();
  }
}

const NOTHING: Omit<DatabaseFacts, "file"> = {
  schema: undefined,
  knownSchema: MIGRATIONS.length,
  isUsable: true,
  sizeBytes: 0,
  counts: { sandboxes: 0, containers: 0, images: 0 },
  intents: [],
  soundness: undefined,
  users: [],
  strays: [],
  network: undefined,
};

function readFacts(
  database: DatabaseSync,
  paths: RuntimePaths,
  sizeBytes: number,
): Partial<DatabaseFacts> {
  const schema = Number(database.prepare("PRAGMA user_version").get()?.user_version ?? 0);
  if (schema === 0) return { schema };
  const count = (table: string) =>
    Number(database.prepare(`SELECT count(*) AS count FROM ${table}`).get()?.count);
  const network = database.prepare("SELECT value FROM meta WHERE key = 'network'").get();
  const known = ["sandboxes", "containers"].flatMap((table) =>
    database.prepare(`SELECT id FROM ${table}`).all(),
  );
  const intents = listIntents(database);
  const ids = [...known.map(({ id }) => String(id)), ...intents.map(({ subject }) => subject)];
  return {
    schema,
    isUsable: oldestUsable(database, schema) <= MIGRATIONS.length,
    counts: {
      sandboxes: count("sandboxes"),
      containers: count("containers"),
      images: count("images"),
    },
    intents,
    soundness: sizeBytes > LARGEST_CHECKED_BYTES ? undefined : checkSoundness(database),
    strays: findStrays(paths, new Set(ids)),
    network: network === undefined ? undefined : JSON.parse(String(network.value)),
  };
}

function listIntents(database: DatabaseSync): IntentFacts[] {
  return database
    .prepare("SELECT kind, subject, pid, start_time, boot_id FROM intents ORDER BY created_at_ns")
    .all()
    .map((row) => {
      const pid = Number(row.pid);
      const owner = { pid, startTime: Number(row.start_time), bootId: String(row.boot_id) };
      const [kind, subject] = [String(row.kind), String(row.subject)];
      return { kind, subject, pid, ownerLives: isAlive(owner) };
    });
}

function checkSoundness(database: DatabaseSync): string {
  return String(database.prepare("PRAGMA quick_check(1)").get()?.quick_check);
}

function findStrays(paths: RuntimePaths, known: ReadonlySet<string>): string[] {
  return [paths.sandboxes, paths.containers].flatMap((directory) => {
    try {
      return readdirSync(directory)
        .filter((name) => !known.has(name))
        .map((name) => join(directory, name));
    } catch {
      return [];
    }
  });
}

/** Undefined where there is none. */
function fileSize(file: string): number | undefined {
  try {
    return statSync(file).size;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new StatusError("PermissionDenied", `could not look at "${file}"`, { cause });
  }
}
