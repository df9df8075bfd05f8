import assert from "node:assert/strict";
import { readdir, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { before, describe, it } from "node:test";
import { MIGRATIONS } from "../../../src/runtime/state/migrations.ts";
import { openDatabase } from "../../../src/runtime/state/open-database.ts";
import { openLook, QUIET_MS } from "../../../src/runtime/state/open-look.ts";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";
import { uniqueSuffix } from "../../support/unique.ts";

describe("a look at a database that nobody uses", () => {
  const cleanup = cleanupAfter();
  let directory: string;
  before(async () => {
    directory = await temporaryDirectory(cleanup, "look");
  });

  /** A database with one entry that was left alone an hour ago. */
  async function atRest(name = `${uniqueSuffix()}.db`): Promise<string> {
    const file = join(directory, name);
    const database = await openDatabase({ file, mode: "one-shot" });
    await database.write((db) => db.exec("INSERT INTO meta VALUES ('a', '1')"));
    database.close();
    await leaveAlone(file);
    return file;
  }
  const look = (file: string) =>
    openLook({ DatabaseSync, file, schema: MIGRATIONS.length, quietMs: QUIET_MS });
  const filesOf = async (file: string) =>
    (await readdir(directory)).filter((name) => join(directory, name).startsWith(file));

  it("makes no file, whatever the database is called", async () => {
    for (const name of ["plain.db", "a b?mode=rwc&x=1#y%41\\n\n.db", "ä\t.db"]) {
      const file = await atRest(name);
      const before = await filesOf(file);
      const database = await openDatabase({ file, mode: "one-shot" });
      assert.equal(database.read(countEntries), 1);
      assert.deepEqual(await filesOf(file), before);
      database.close();
      database.close();
      assert.deepEqual(await filesOf(file), before);
    }
  });

  it("is not for one that is absent, in use, was so a moment ago, crashed or has another schema", async () => {
    assert.equal(look(join(directory, "absent.db")), undefined);
    const file = await atRest();
    const database = await openDatabase({ file, mode: "serve" });
    assert.equal(look(file), undefined);
    await database.write((db) => db.exec("INSERT INTO meta VALUES ('b', '2')"));
    database.close();
    assert.equal(look(file), undefined);
    await leaveAlone(file, -60);
    assert.equal(look(file), undefined);
    await leaveAlone(file);
    const opened = look(file);
    assert.deepEqual(opened?.read(countEntries), { value: 2 });
    opened.close();
    await writeFile(`${file}-journal`, "");
    assert.equal(look(file), undefined);
    await rm(`${file}-journal`);
    assert.equal(openLook({ DatabaseSync, file, schema: 99, quietMs: 0 }), undefined);
    const damaged = join(directory, "damaged.db");
    await writeFile(damaged, "x".repeat(8192));
    await leaveAlone(damaged);
    assert.equal(look(damaged), undefined);
  });

  it("counts for nothing as soon as somebody is connected, and after a change", async () => {
    const file = await atRest();
    const opened = look(file);
    const other = await openDatabase({ file, mode: "serve" });
    assert.equal(opened?.read(countEntries), undefined);
    other.close();
    assert.deepEqual(opened?.read(countEntries), { value: 1 });
    const found = opened?.read((db) => {
      const count = countEntries(db);
      const writer = new DatabaseSync(file);
      writer.exec("INSERT INTO meta VALUES ('b', '2')");
      writer.close();
      return count;
    });
    assert.equal(found, undefined);
    opened?.close();
  });

  it("throws what a query throws, but not where a change may be the reason", async () => {
    const file = await atRest();
    const opened = look(file);
    const fail = () => {
      throw new Error("no");
    };
    assert.throws(() => opened?.read(fail), /no/);
    const other = await openDatabase({ file, mode: "serve" });
    assert.equal(opened?.read(fail), undefined);
    opened?.close();
    other.close();
  });

  it("is what a command begins with: it sees what others write, and writes itself", async () => {
    const file = await atRest();
    const looking = await openDatabase({ file, mode: "one-shot" });
    assert.equal(looking.read(countEntries), 1);
    const other = await openDatabase({ file, mode: "one-shot" });
    await other.write((db) => db.exec("INSERT INTO meta VALUES ('b', '2')"));
    assert.equal(looking.read(countEntries), 2);
    await other.write((db) => db.exec("INSERT INTO meta VALUES ('c', '3')"));
    other.close();
    assert.equal(looking.read(countEntries), 3);
    await looking.write((db) => db.exec("INSERT INTO meta VALUES ('d', '4')"));
    assert.equal(looking.read(countEntries), 4);
    looking.close();
    looking.close();
    assert.ok(!(await filesOf(file)).includes(`${file}-wal`));
  });

  it("ends with a clear refusal where a newer crish has changed the schema meanwhile", async () => {
    const file = await atRest();
    const looking = await openDatabase({ file, mode: "one-shot" });
    assert.equal(looking.read(countEntries), 1);
    const newer = [...MIGRATIONS, { additive: false, sql: "DROP TABLE intents" }];
    (await openDatabase({ file, mode: "one-shot", migrations: newer })).close();
    const refused = { code: "FailedPrecondition", message: /written by a newer crish/ };
    assert.throws(() => looking.read(countEntries), refused);
    await assert.rejects(
      looking.write((db) => db.exec("INSERT INTO meta VALUES ('b', '2')")),
      refused,
    );
    looking.close();
  });
});

function countEntries(database: DatabaseSync): number {
  return Number(database.prepare("SELECT count(*) AS count FROM meta").get()?.count);
}

async function leaveAlone(file: string, agoSeconds = 3600): Promise<void> {
  const at = new Date(Date.now() - agoSeconds * 1000);
  await utimes(file, at, at);
}
