import type { DatabaseSync } from "node:sqlite";
import { isAlive, type ProcessIdentity } from "../../host/process-identity.ts";
import { randomHex } from "../../host/random-id.ts";
import { sleep, throwIfAborted, toCancelled } from "../../host/sleep.ts";
import type { Database } from "./database.ts";
import type { Locks } from "./locks.ts";

const FIRST_WAIT_MS = 4;
const LONGEST_WAIT_MS = 60;

/**
 * The locks of a root, as this process takes them: within the process a queue per name, then the row
 * in the database against other processes.
 */
export function openLocks(options: { database: Database; self: ProcessIdentity }): Locks {
  const { database } = options;
  let holder: string | undefined;
  // One process may have the same root open twice: the row names the opener, not the process alone.
  const ownHolder = () => {
    holder ??= randomHex(8);
    return holder;
  };
  const queues = new Map<string, Promise<void>>();
  const take = (name: string) =>
    takeRow(database, { name, self: options.self, holder: ownHolder() });

  async function whileHeld<T>(name: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } finally {
      await database.write((db) => deleteRow(db, name, ownHolder()));
    }
  }

  return {
    withLock: (name, { signal }, work) =>
      inQueue(queues, name, signal, async () => {
        for (let waitMs = FIRST_WAIT_MS; !(await take(name)); ) {
          await sleep(waitMs * (0.5 + Math.random()), signal === undefined ? {} : { signal });
          waitMs = Math.min(waitMs * 1.5, LONGEST_WAIT_MS);
        }
        return await whileHeld(name, work);
      }),
    async tryWithLock(name, work) {
      if (queues.has(name)) return undefined;
      return await inQueue(queues, name, undefined, async () =>
        (await take(name)) ? await whileHeld(name, work) : undefined,
      );
    },
  };
}

/**
 * Removes the locks of owners that no longer live. They hold nobody up, as whoever wants one takes
 * it; but those of objects that are gone would stay for ever.
 */
export async function releaseDeadLocks(database: Database): Promise<void> {
  const rows = database.read((db) => db.prepare("SELECT * FROM locks").all());
  const dead: typeof rows = [];
  for (const row of rows) if (!isAlive(ownerOf(row))) dead.push(row);
  if (dead.length === 0) return;
  await database.write((db) => {
    const statement = db.prepare("DELETE FROM locks WHERE name = ? AND holder = ?");
    for (const row of dead) statement.run(String(row.name), String(row.holder));
  });
}

/** Runs the work after all that was queued under the name before it; a waiter may leave the queue. */
async function inQueue<T>(
  queues: Map<string, Promise<void>>,
  name: string,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  throwIfAborted(signal);
  const before = queues.get(name);
  const done = Promise.withResolvers<void>();
  const tail = (before ?? Promise.resolve()).then(() => done.promise);
  queues.set(name, tail);
  try {
    if (before !== undefined) await orAborted(before, signal);
    return await work();
  } finally {
    done.resolve();
    if (queues.get(name) === tail) queues.delete(name);
  }
}

async function orAborted(turn: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return await turn;
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(toCancelled(signal, signal.reason));
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    await Promise.race([turn, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

interface Claim {
  name: string;
  self: ProcessIdentity;
  holder: string;
}

/** Looks before it writes: waiters must not keep each other from the one write lock there is. */
async function takeRow(database: Database, claim: Claim): Promise<boolean> {
  if (database.read((db) => isHeldByAnother(db, claim))) return false;
  return await database.write((db) => {
    if (isHeldByAnother(db, claim)) return false;
    const { pid, startTime, bootId } = claim.self;
    db.prepare("INSERT OR REPLACE INTO locks VALUES (?, ?, ?, ?, ?)").run(
      claim.name,
      pid,
      startTime,
      bootId,
      claim.holder,
    );
    return true;
  });
}

function isHeldByAnother(db: DatabaseSync, claim: Claim): boolean {
  const row = db.prepare("SELECT * FROM locks WHERE name = ?").get(claim.name);
  return row !== undefined && row.holder !== claim.holder && isAlive(ownerOf(row));
}

function ownerOf(row: Record<string, unknown>): ProcessIdentity {
  return {
    pid: Number(row.pid),
    startTime: Number(row.start_time),
    bootId: String(row.boot_id),
  };
}

function deleteRow(db: DatabaseSync, name: string, holder: string): void {
  db.prepare("DELETE FROM locks WHERE name = ? AND holder = ?").run(name, holder);
}
