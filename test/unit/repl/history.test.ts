import assert from "node:assert/strict";
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { historyFile, openHistory } from "../../../src/repl/history.ts";
import { HistoryFile, parseEntries } from "../../../src/repl/history-file.ts";

describe("history", () => {
  let directory = "";
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "crish-history-"));
  });
  after(() => rm(directory, { recursive: true, force: true }));

  it("lies in the XDG state directory", () => {
    assert.equal(historyFile({ XDG_STATE_HOME: "/s", HOME: "/h" }), "/s/crish/history");
    assert.equal(historyFile({ HOME: "/h" }), "/h/.local/state/crish/history");
  });

  it("comes back in the next session, newest first, readable by its owner alone", async () => {
    const file = historyFile({ XDG_STATE_HOME: join(directory, "a") });
    const first = await openHistory(file);
    for (const line of ["ps", "pods", "ps"]) await first.add(line);
    assert.deepEqual(first.lines, ["ps", "pods"]);
    assert.deepEqual((await openHistory(file)).lines, ["ps", "pods"]);
    assert.equal((await stat(file)).mode & 0o777, 0o600);
  });

  it("closes a file that was open to others", async () => {
    const file = join(directory, "open");
    await writeFile(file, "ps\n");
    await chmod(file, 0o644);
    await openHistory(file);
    assert.equal((await stat(file)).mode & 0o777, 0o600);
  });

  it("keeps secrets, and lines that begin with a blank, to itself", async () => {
    const file = join(directory, "secrets");
    const history = await openHistory(file);
    for (const line of ["pull --creds u:p x", "pull --auth=abc x", " ps", "version"]) {
      await history.add(line);
    }
    assert.deepEqual(history.lines, ["version"]);
    assert.equal(await readFile(file, "utf8"), "version\n");
  });

  it("loses nothing of sessions that run at once", async () => {
    const file = join(directory, "shared");
    const sessions = await Promise.all([openHistory(file), openHistory(file)]);
    await Promise.all(
      sessions.flatMap((session, number) =>
        Array.from({ length: 20 }, (_, index) => session.add(`ps ${number} ${index}`)),
      ),
    );
    assert.equal((await openHistory(file)).lines.length, 40);
  });

  it("cuts a file that has grown long", async () => {
    const file = join(directory, "long");
    await writeFile(file, Array.from({ length: 2500 }, (_, index) => `ps ${index}\n`).join(""));
    const history = await openHistory(file);
    assert.equal(history.lines.length, 1000);
    assert.equal(history.lines[0], "ps 2499");
    assert.equal((await readFile(file, "utf8")).split("\n").length, 1001);
  });

  it("shows lines of other sessions once it looks for them, its own before them", async () => {
    const file = join(directory, "two");
    const [mine, other] = [await openHistory(file), await openHistory(file)];
    await mine.add("ps");
    await other.add("pods");
    await other.add("images");
    assert.deepEqual(mine.lines, ["ps"]);
    mine.refresh();
    assert.deepEqual(mine.lines, ["ps", "images", "pods"]);
    other.refresh();
    assert.deepEqual(other.lines, ["images", "pods", "ps"]);
    assert.deepEqual((await openHistory(file)).lines, ["images", "pods", "ps"]);
  });

  it("keeps inputs of several lines whole, and what looks like its own encoding", async () => {
    const file = join(directory, "multi");
    const lines = ["echo 'a\nb'", "echo \\n", 'echo "x"\t\\', "ps"];
    const history = await openHistory(file);
    for (const line of lines) await history.add(line);
    assert.deepEqual((await openHistory(file)).lines, lines.toReversed());
  });

  it("reads on behind what is no line of a history", async () => {
    const file = join(directory, "broken");
    const parts = ["ps\n\0\0\x1b[2J\n", Buffer.from([0xff, 0xfe, 10]), "\t{not json\n\t7\n\npods"];
    await writeFile(file, Buffer.concat(parts.map((part) => Buffer.from(part))));
    const history = await openHistory(file);
    assert.deepEqual(history.lines, ["pods", "ps"]);
    await history.add("images");
    assert.deepEqual((await openHistory(file)).lines, ["images", "pods", "ps"]);
  });

  it("loses nothing while sessions append and others cut the file", async () => {
    for (let round = 0; round < 8; round++) await appendAndCut(join(directory, `cut ${round}`));
  });

  it("cuts a file that has grown to twice as many lines as are kept, and no other", async () => {
    const own = join(directory, "limits");
    await mkdir(own);
    const history = new HistoryFile(join(own, "history"));
    for (const line of ["a", "b", "a", "c"]) await history.append(line);
    await history.cut(3);
    assert.deepEqual(history.readChanged(), ["b", "a", "c"]);
    for (const line of ["d", "e", "f"]) await history.append(line);
    await history.cut(3);
    assert.deepEqual(history.readChanged(), ["d", "e", "f"]);
    assert.deepEqual(await readdir(own), ["history"]);
  });

  it("brings back what a killed cut has left beside the file", async () => {
    const own = join(directory, "killed");
    await mkdir(own);
    const file = join(own, "history");
    await writeFile(file, "pods\n");
    await writeFile(`${file}.cut-0123456789ab`, "ps\n");
    const history = new HistoryFile(file);
    assert.equal(await history.hasLeftOvers(Date.now()), false, "a cut may be under way");
    assert.equal(await history.hasLeftOvers(Date.now() + 120_000), true);
    await history.cut(1000, Date.now() + 120_000);
    assert.deepEqual(history.readChanged(), ["ps", "pods"]);
    assert.deepEqual(await readdir(own), ["history"]);
  });

  it("leaves what is no plain file alone", async () => {
    const file = join(directory, "null");
    await symlink("/dev/null", file);
    const history = await openHistory(file);
    await history.add("ps");
    assert.deepEqual(history.lines, ["ps"]);
    assert.equal(await readlink(file), "/dev/null");
    assert.equal((await stat("/dev/null")).mode & 0o777, 0o666);
  });

  it("works without a file where there can be none", async () => {
    const history = await openHistory(join(await fileAsHome(directory), "crish", "history"));
    await history.add("ps");
    assert.deepEqual(history.lines, ["ps"]);
  });
});

async function fileAsHome(directory: string): Promise<string> {
  const file = join(directory, "file");
  await writeFile(file, "");
  return file;
}

/** Four sessions that append while three cut: every line must be there at the end. */
async function appendAndCut(file: string): Promise<void> {
  const old = Array.from({ length: 2500 }, (_, index) => `old ${index}\n`).join("");
  await writeFile(file, old);
  const writers = Array.from({ length: 4 }, async (_, writer) => {
    const own = new HistoryFile(file);
    for (let index = 0; index < 50; index++) await own.append(`new ${writer} ${index}`);
  });
  const cutters = Array.from({ length: 3 }, async () => {
    const own = new HistoryFile(file);
    for (let index = 0; index < 10; index++) await own.cut(1000);
  });
  await Promise.all([...writers, ...cutters]);
  const lines = parseEntries(await readFile(file, "utf8"));
  assert.equal(new Set(lines.filter((line) => line.startsWith("new "))).size, 200);
  assert.ok(lines.includes("old 2499"));
  assert.ok(lines.length < 1400, `${lines.length} lines`);
  const left = (await readdir(dirname(file))).filter((name) => name.includes(".cut-"));
  assert.deepEqual(left, []);
}
