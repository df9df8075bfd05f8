import assert from "node:assert/strict";
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { historyFile, openHistory } from "../../../src/repl/history.ts";

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
