import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../../host/clock.ts";
import { failpoint } from "../../host/failpoint.ts";
import { isAlive, type ProcessIdentity } from "../../host/process-identity.ts";
import type { Database } from "./database.ts";
import type { Intent, Intents, NewIntent } from "./intents.ts";

/** The intents of a root, as this process writes and sees them. */
export function openIntents(options: {
  database: Database;
  self: ProcessIdentity;
  now: Clock;
}): Intents {
  const { database, now } = options;
  return {
    async begin(intent, alongside) {
      await database.write((db) => {
        insertIntent(db, intent, options.self, now());
        alongside?.(db);
      });
      failpoint(`${intent.kind}:intent`);
    },
    async end(intent, alongside) {
      failpoint(`${intent.kind}:outcome`);
      await database.write((db) => {
        db.prepare("DELETE FROM intents WHERE kind = ? AND subject = ?").run(
          intent.kind,
          intent.subject,
        );
        alongside?.(db);
      });
    },
    async abandon(intent) {
      await database.write((db) =>
        db
          .prepare("UPDATE intents SET pid = 0 WHERE kind = ? AND subject = ?")
          .run(intent.kind, intent.subject),
      );
    },
    claim: (intent) => database.write((db) => claimIntent(db, intent, options.self)),
    listOrphaned(kinds) {
      const orphaned: Intent[] = [];
      for (const intent of database.read(listIntents)) {
        if (kinds !== undefined && !kinds.includes(intent.kind)) continue;
        if (!isAlive(intent.owner)) orphaned.push(intent);
      }
      return orphaned;
    },
  };
}

function insertIntent(
  db: DatabaseSync,
  intent: NewIntent,
  owner: ProcessIdentity,
  createdAtNs: bigint,
): void {
  db.prepare("INSERT OR REPLACE INTO intents VALUES (?, ?, ?, ?, ?, ?, ?)").run(
    intent.kind,
    intent.subject,
    intent.detail === undefined ? null : JSON.stringify(intent.detail),
    owner.pid,
    owner.startTime,
    owner.bootId,
    createdAtNs,
  );
}

function claimIntent(db: DatabaseSync, intent: Intent, self: ProcessIdentity): boolean {
  const { pid, startTime, bootId } = intent.owner;
  const result = db
    .prepare(
      `UPDATE intents SET pid = ?, start_time = ?, boot_id = ?
       WHERE kind = ? AND subject = ? AND pid = ? AND start_time = ? AND boot_id = ?`,
    )
    .run(
      self.pid,
      self.startTime,
      self.bootId,
      intent.kind,
      intent.subject,
      pid,
      startTime,
      bootId,
    );
  return Number(result.changes) === 1;
}

function listIntents(db: DatabaseSync): Intent[] {
  const statement = db.prepare("SELECT * FROM intents ORDER BY created_at_ns");
  statement.setReadBigInts(true);
  const intents: Intent[] = [];
  for (const row of statement.all()) {
    const detail = row.detail;
    intents.push({
      kind: String(row.kind),
      subject: String(row.subject),
      detail: typeof detail === "string" ? JSON.parse(detail) : undefined,
      owner: {
        pid: Number(row.pid),
        startTime: Number(row.start_time),
        bootId: String(row.boot_id),
      },
      createdAtNs: BigInt(row.created_at_ns as bigint),
    });
  }
  return intents;
}
