import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { text } from "node:stream/consumers";
import { before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { MIGRATIONS, type Migration } from "../../../src/runtime/state/migrations.ts";
import { startBackgroundProcess } from "../../support/background-process.ts";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { embeddedCli } from "../../support/cli-target.ts";
import { crishCommand, crishEnvironment, crishOk } from "../../support/crish.ts";
import { createEmbeddedRoot } from "../../support/embedded-root.ts";
import { type RunResult, run } from "../../support/run.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";
import { uniqueSuffix } from "../../support/unique.ts";
import { waitUntil } from "../../support/wait-until.ts";

const SCRIPT = fileURLToPath(new URL("./use-database.ts", import.meta.url));
const BUN = "bun";

const FIRST: Migration = {
  additive: false,
  sql: `CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
        CREATE TABLE pods (id TEXT, name TEXT);`,
};
const NEW_TABLE: Migration = { additive: true, sql: "CREATE TABLE extras (id TEXT)" };
const NEW_COLUMN: Migration = { additive: false, sql: "ALTER TABLE pods ADD COLUMN state TEXT" };
/** A record of a new form needs no SQL. */
const NEW_RECORD: Migration = { additive: false, sql: "" };
const BREAKING: Migration = {
  additive: false,
  sql: "ALTER TABLE locks ADD COLUMN reason TEXT",
};
const BROKEN: Migration = { additive: false, sql: "CREATE TABLE half (id TEXT); CREATE nonsense" };

for (const [name, interpreter] of [
  ["Node", process.execPath],
  ["Bun", BUN],
] as const) {
  describe(`upgrade while an older crish still runs, on ${name}`, () => {
    const cleanup = cleanupAfter();
    let directory: string;
    before(async () => {
      directory = await temporaryDirectory(cleanup, "upgrade");
    });

    const newFile = () => join(directory, `${uniqueSuffix()}.db`);
    const steps = (migrations: readonly Migration[]) => JSON.stringify(migrations);
    const open = (file: string, migrations: readonly Migration[], env: object = {}) =>
      run(interpreter, [SCRIPT, file, steps(migrations), "--migrate"], {
        timeoutMs: 120_000,
        env: { ...process.env, ...env },
      });
    /** A process that has the database open until its stdin ends. */
    async function hold(file: string, migrations: readonly Migration[]): Promise<ChildProcess> {
      const child = spawn(interpreter, [SCRIPT, file, steps(migrations)], {
        stdio: ["pipe", "pipe", "inherit"],
      });
      cleanup.add("end a holder", () => void child.kill("SIGKILL"));
      const [chunk] = await once(child.stdout, "data");
      assert.equal(String(chunk), "open\n");
      return child;
    }
    async function goOn(child: ChildProcess): Promise<string> {
      assert.ok(child.stdout && child.stdin);
      const said = text(child.stdout);
      child.stdin.end();
      return await said;
    }

    it("a step that the older one does not survive is refused, and says who is in the way", async () => {
      const file = newFile();
      const older = await hold(file, [FIRST]);
      const newer = await open(file, [FIRST, NEW_COLUMN]);
      assert.equal(newer.status, 1, newer.stdout);
      assert.equal(
        newer.stderr,
        `use-database (pid ${older.pid}) still uses "${file}" with schema 1, this crish needs schema 2\n` +
          "stop it first (containers go on), or use the crish that it was started from\n",
      );
      assert.equal(schemaOf(file), 1);
      assert.equal(await goOn(older), "went on with 1\n");
      assertOk(await open(file, [FIRST, NEW_COLUMN]));
      assert.equal(schemaOf(file), 2);
    });

    it("it is done as soon as the older one ends within the wait", async () => {
      const file = newFile();
      const older = await hold(file, [FIRST]);
      const newer = open(file, [FIRST, NEW_COLUMN]);
      assert.equal(await goOn(older), "went on with 1\n");
      assertOk(await newer);
      assert.equal(schemaOf(file), 2);
    });

    it("a killed older one is in nobody's way", async () => {
      const file = newFile();
      const older = await hold(file, [FIRST]);
      older.kill("SIGKILL");
      await once(older, "exit");
      assertOk(await open(file, [FIRST, NEW_RECORD]));
      assert.equal(schemaOf(file), 2);
    });

    it("a step that only adds is done beside the older one, which goes on and may start anew", async () => {
      const file = newFile();
      const older = await hold(file, [FIRST]);
      assertOk(await open(file, [FIRST, NEW_TABLE]));
      assert.equal(schemaOf(file), 2);
      assert.equal(await goOn(older), "went on with 1\n");
      assertOk(await open(file, [FIRST]));
      assert.equal(schemaOf(file), 2);
    });

    it("an older one that starts after a step it does not survive is refused, and says what to do", async () => {
      const file = newFile();
      assertOk(await open(file, [FIRST, NEW_COLUMN, NEW_TABLE]));
      const older = await open(file, [FIRST]);
      assert.equal(older.status, 1);
      assert.match(
        older.stderr,
        /written by a newer crish \(schema 3, known up to 1\)\ninstall the/,
      );
      assertOk(await open(file, [FIRST, NEW_COLUMN]));
    });

    it("one that is killed in the middle of the steps leaves the old schema, and the next does them", async () => {
      for (const step of [NEW_COLUMN, NEW_TABLE]) {
        const file = newFile();
        assertOk(await open(file, [FIRST]));
        const killed = await open(file, [FIRST, step], { CRISH_FAILPOINT: "migrate:steps" });
        assert.equal(killed.status, 137);
        assert.equal(schemaOf(file), 1);
        assertOk(await open(file, [FIRST]));
        assertOk(await open(file, [FIRST, step]));
        assert.equal(schemaOf(file), 2);
      }
    });

    it("a step that fails changes nothing", async () => {
      const file = newFile();
      assertOk(await open(file, [FIRST]));
      assert.equal((await open(file, [FIRST, BROKEN])).status, 1);
      const db = new DatabaseSync(file);
      const tables = db.prepare("SELECT name FROM sqlite_schema WHERE name = 'half'").all();
      db.close();
      assert.deepEqual(tables, []);
      assertOk(await open(file, [FIRST]));
    });

    it("many newer ones at once do the steps once, and none is refused", async () => {
      const file = newFile();
      assertOk(await open(file, [FIRST]));
      const all = await Promise.all(
        Array.from({ length: 8 }, () => open(file, [FIRST, NEW_COLUMN, NEW_TABLE])),
      );
      for (const result of all) assertOk(result);
      assert.equal(schemaOf(file), 3);
    });
  });
}

describe("upgrade while crish itself runs", () => {
  const cleanup = cleanupAfter();
  const upgrade = (file: string, step: Migration) =>
    run(process.execPath, [SCRIPT, file, JSON.stringify([...MIGRATIONS, step]), "--migrate"]);

  it("the server is named, and goes on beside a step that only adds", async () => {
    const root = await createEmbeddedRoot(cleanup);
    const socket = join(root.directory, "cri.sock");
    const { command, args } = crishCommand();
    const server = startBackgroundProcess(
      cleanup,
      command,
      [...args, "serve", "--listen", `unix://${socket}`],
      { env: crishEnvironment(root.env) },
    );
    await waitUntil("crish serve answers", async () => server.output().includes("serving CRI"), {
      timeoutMs: 60_000,
    });
    const file = join(root.root, "crish.db");
    const refused = await upgrade(file, BREAKING);
    assert.equal(refused.status, 1);
    assert.match(refused.stderr, new RegExp(`^crish serve \\(pid ${server.pid}\\) still uses "`));
    assertOk(await upgrade(file, NEW_TABLE));
    const env = { ...root.env, CONTAINER_RUNTIME_ENDPOINT: `unix://${socket}` };
    await crishOk(["pods"], { env });
    await crishOk(["ps"], { env: root.env });
    await server.stop();
  });

  it("an attached run is named; when it is killed its container goes on through the upgrade", async () => {
    const target = await embeddedCli(cleanup);
    const file = join(target.root.root, "crish.db");
    const attached = target.spawn(["run", "--name", "web", target.image, "sleep", "1000"]);
    cleanup.add("end the attached run", () => void attached.kill("SIGKILL"));
    await waitUntil("the container runs", async () => (await target.out(["ps", "-q"])) !== "", {
      timeoutMs: 60_000,
    });
    const refused = await upgrade(file, BREAKING);
    assert.equal(refused.status, 1);
    assert.match(
      refused.stderr,
      new RegExp(`^crish\\S* run \\(pid ${attached.pid}\\) still uses "`),
    );
    attached.kill("SIGKILL");
    await once(attached, "exit");
    assert.match(await target.out(["ps"]), /Running/);
    const sound = schemaOf(file);
    assertOk(await upgrade(file, BREAKING));
    assert.equal(schemaOf(file), Number(sound) + 1);
    // Back to what the command line under test knows, so that it can take the container down.
    const db = new DatabaseSync(file);
    db.exec(`ALTER TABLE locks DROP COLUMN reason; PRAGMA user_version = ${sound}`);
    db.close();
    assert.match(await target.out(["ps"]), /Running/);
    await target.out(["rmp", "-f", "-a"]);
  });
});

it("steps that are called additive make tables and indices and nothing else", () => {
  for (const { additive, sql } of MIGRATIONS) {
    if (!additive) continue;
    const statements = sql.split(";").map((text) => text.trim());
    for (const statement of statements) assert.match(statement, /^$|^CREATE (TABLE|INDEX) /);
  }
});

function schemaOf(file: string): unknown {
  const db = new DatabaseSync(file, { readOnly: true });
  const row = db.prepare("PRAGMA user_version").get();
  db.close();
  return row?.user_version;
}

function assertOk(result: RunResult): void {
  assert.equal(result.status, 0, result.stderr);
}
