import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { createClock } from "../../../src/host/clock.ts";
import { currentProcess } from "../../../src/host/process-identity.ts";
import { runProcess } from "../../../src/host/run-process.ts";
import { openDatabase } from "../../../src/runtime/state/open-database.ts";
import { openIntents } from "../../../src/runtime/state/open-intents.ts";
import { openLocks, releaseDeadLocks } from "../../../src/runtime/state/open-locks.ts";

const directory = mkdtempSync(join(tmpdir(), "crish-locks-"));
after(() => rmSync(directory, { recursive: true, force: true }));
const self = currentProcess();
const COUNTER = new URL("./count-under-lock.ts", import.meta.url).pathname;

async function open(name: string) {
  const file = join(directory, name);
  const database = await openDatabase({ file, mode: "one-shot" });
  return { file, database, locks: openLocks({ database, self }) };
}

test("work under one lock runs one after the other in a process", async () => {
  const { database, locks } = await open("queue.db");
  const order: number[] = [];
  let inside = 0;
  await Promise.all(
    [1, 2, 3, 4].map((number) =>
      locks.withLock("pod:a", {}, async () => {
        assert.equal(++inside, 1);
        await new Promise((resolve) => setImmediate(resolve));
        order.push(number);
        inside--;
      }),
    ),
  );
  assert.deepEqual(order, [1, 2, 3, 4]);
  assert.equal(
    database.read((db) => db.prepare("SELECT * FROM locks").all().length),
    0,
  );
  database.close();
});

test("a lock is released when its work throws", async () => {
  const { database, locks } = await open("throws.db");
  await assert.rejects(
    locks.withLock("pod:a", {}, () => Promise.reject(new Error("no"))),
    /no/,
  );
  assert.equal(await locks.tryWithLock("pod:a", async () => 7), 7);
  database.close();
});

test("a second opener in the same process waits for the first, and its wait can be ended", async () => {
  const { file, database, locks } = await open("second.db");
  const otherDatabase = await openDatabase({ file, mode: "serve" });
  const other = openLocks({ database: otherDatabase, self });
  await locks.withLock("pod:a", {}, async () => {
    assert.equal(await other.tryWithLock("pod:a", async () => 1), undefined);
    const waiting = new AbortController();
    const wait = other.withLock("pod:a", { signal: waiting.signal }, async () => 1);
    waiting.abort();
    await assert.rejects(wait, { code: "Cancelled" });
  });
  assert.equal(await other.withLock("pod:a", {}, async () => 2), 2);
  database.close();
  otherDatabase.close();
});

test("a waiter in the queue that is cancelled lets the others pass", async () => {
  const { database, locks } = await open("cancel.db");
  const gate = Promise.withResolvers<void>();
  const first = locks.withLock("pod:a", {}, () => gate.promise);
  const cancelled = new AbortController();
  const second = locks.withLock("pod:a", { signal: cancelled.signal }, async () => 2);
  const third = locks.withLock("pod:a", {}, async () => 3);
  cancelled.abort();
  await assert.rejects(second, { code: "Cancelled" });
  gate.resolve();
  await first;
  assert.equal(await third, 3);
  database.close();
});

test("the lock of a dead owner is taken", async () => {
  const { database, locks } = await open("dead.db");
  await database.write((db) =>
    db
      .prepare("INSERT INTO locks VALUES ('pod:a', ?, ?, ?, 'x')")
      .run(self.pid, self.startTime + 1, self.bootId),
  );
  assert.equal(await locks.tryWithLock("pod:a", async () => 1), 1);
  database.close();
});

test("locks of dead owners are swept away, those of living ones stay", async () => {
  const { database, locks } = await open("sweep.db");
  await locks.withLock("pod:mine", {}, async () => {
    await database.write((db) =>
      db
        .prepare("INSERT INTO locks VALUES ('pod:dead', ?, ?, ?, 'x')")
        .run(self.pid, self.startTime + 1, self.bootId),
    );
    await releaseDeadLocks(database);
    const names = database.read((db) => db.prepare("SELECT name FROM locks").all());
    assert.deepEqual(
      names.map((row) => row.name),
      ["pod:mine"],
    );
  });
  database.close();
});

test("processes that count under one lock lose nothing", async () => {
  const { file, database } = await open("processes.db");
  await database.write((db) => db.exec("INSERT INTO meta VALUES ('count', '0')"));
  const results = await Promise.all(
    Array.from({ length: 6 }, () =>
      runProcess(process.execPath, [COUNTER, file, "5"], { timeoutMs: 60_000 }),
    ),
  );
  for (const result of results) assert.equal(result.exitCode, 0, result.stderr.toString());
  const row = database.read((db) => db.prepare("SELECT value FROM meta").get());
  assert.equal(row?.value, "30");
  database.close();
});

test("an intent is orphaned only when its owner is dead or gives it up, and is claimed once", async () => {
  const { database } = await open("intents.db");
  const intents = openIntents({ database, self, now: createClock() });
  await intents.begin({ kind: "sandbox-run", subject: "a", detail: { step: 1 } }, (db) =>
    db.exec("INSERT INTO meta VALUES ('a', '1')"),
  );
  await intents.begin({ kind: "sandbox-run", subject: "b" });
  assert.deepEqual(intents.listOrphaned(), []);
  await intents.abandon({ kind: "sandbox-run", subject: "a" });
  const [orphan] = intents.listOrphaned(["sandbox-run"]);
  assert.ok(orphan);
  assert.deepEqual([orphan.subject, orphan.detail], ["a", { step: 1 }]);
  assert.deepEqual(intents.listOrphaned(["image-pull"]), []);
  assert.equal(await intents.claim(orphan), true);
  assert.equal(await intents.claim(orphan), false);
  assert.deepEqual(intents.listOrphaned(), []);
  await intents.end(orphan, (db) => db.exec("DELETE FROM meta"));
  assert.equal(
    database.read((db) => db.prepare("SELECT * FROM meta").all().length),
    0,
  );
  database.close();
});

test("what throws in a write rolls back", async () => {
  const { database } = await open("rollback.db");
  await assert.rejects(
    database.write((db) => {
      db.exec("INSERT INTO meta VALUES ('a', '1')");
      throw new Error("stop");
    }),
    /stop/,
  );
  assert.equal(
    database.read((db) => db.prepare("SELECT * FROM meta").all().length),
    0,
  );
  database.close();
});

test("a database of a newer schema is refused and left alone", async () => {
  const { file, database } = await open("newer.db");
  await database.write((db) => db.exec("PRAGMA user_version = 99"));
  database.close();
  await assert.rejects(openDatabase({ file, mode: "one-shot" }), { code: "FailedPrecondition" });
});

test("a file that is no database is reported as damaged", async () => {
  const { writeFileSync } = await import("node:fs");
  const file = join(directory, "garbage.db");
  writeFileSync(file, "x".repeat(8192));
  await assert.rejects(openDatabase({ file, mode: "one-shot" }), { code: "DataLoss" });
});
