import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { stripVTControlCharacters } from "node:util";
import type { Session } from "../../../src/cli/context.ts";
import { runCommand } from "../../../src/cli/run-command.ts";
import { connectError } from "../../../src/cri/wire-error.ts";
import { StatusError } from "../../../src/errors/status-error.ts";
import { fakeBackend, fakeContainer, fakePod } from "../../support/fake-backend.ts";
import { memoryOutput, memorySession } from "../../support/memory-session.ts";

const web = fakePod({ name: "web" });
const app = fakeContainer({ name: "app", podSandboxId: web.id });
const db = fakeContainer({ name: "db", podSandboxId: web.id });
const lost = new StatusError("Unavailable", "lost the connection");
const refused = connectError("unix:///fake.sock", "ECONNREFUSED");
const forbidden = connectError("unix:///fake.sock", "EACCES");
const late = new StatusError("DeadlineExceeded", "no answer");

type Answer = readonly (typeof app)[] | Error;

/** Runs a watch over these answers, one a look, and interrupts it behind the last one. */
async function watch(line: string, answers: readonly Answer[], overrides: Partial<Session> = {}) {
  const controller = new AbortController();
  let looks = 0;
  const backend = fakeBackend({
    pods: [web],
    answers: {
      listContainers: () => {
        const answer = answers[looks++];
        if (answer instanceof Error) throw answer;
        if (answer !== undefined) return { containers: answer };
        controller.abort();
        throw new StatusError("Cancelled", "interrupted");
      },
    },
  });
  const { session, out, err } = memorySession(backend, {
    signal: controller.signal,
    ...overrides,
  });
  const status = await runCommand(line.split(" "), session);
  return { status, out: out(), err: err(), looks };
}

function changes(out: string): readonly string[] {
  return out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line))
    .map(({ type, object }) => `${type} ${object.metadata.name}`);
}

describe("a watch whose runtime is restarted", () => {
  const line = "ps --watch --interval 100ms -o jsonl";

  it("goes on behind that, tells on a pipe when it is lost and when it is back, once each", async () => {
    const answers = [[app], lost, refused, forbidden, [app, db], lost, [db]];
    const { status, out, err } = await watch(line, answers);
    assert.equal(status, 0);
    assert.deepEqual(changes(out), ["ADDED app", "ADDED db", "DELETED app"]);
    const pair =
      'lost "unix:///fake.sock": this goes on as soon as it is back\n"unix:///fake.sock" is back after N s\n';
    assert.equal(err.replaceAll(/\d+ s$/gm, "N s"), pair.repeat(2));
  });

  it("ends with 3 where it was not there at the start", async () => {
    const { status, err, looks } = await watch(line, [refused, [app]]);
    assert.deepEqual([status, looks], [3, 1]);
    assert.match(err, /^crish: cannot connect to "unix:\/\/\/fake\.sock"/);
  });

  it("ends where the runtime refuses, also behind a loss", async () => {
    const refusal = new StatusError("Unimplemented", "no such method");
    assert.equal((await watch(line, [[app], refusal, [app]])).status, 1);
    assert.equal((await watch(line, [[app], lost, refusal, [app]])).status, 1);
  });

  it("goes on behind an answer that does not come, unless --timeout was given", async () => {
    const answers = [[app], late, [app, db]];
    const { status, out } = await watch(line, answers);
    assert.deepEqual([status, changes(out).length], [0, 2]);
    const limited = await watch(`--timeout 1s ${line}`, answers);
    assert.deepEqual([limited.status, limited.looks], [3, 2]);
  });

  it("keeps the table on its screen, with a dim line below it until there is a new one", async () => {
    const chunks: string[] = [];
    const stdout = memoryOutput(chunks, { isTty: true, color: true, canRedraw: true });
    const { status, err } = await watch("ps --watch --interval 100ms", [[app], lost, [app, db]], {
      stdout,
    });
    assert.deepEqual([status, err], [0, ""]);
    const screens = chunks.filter((chunk) => chunk.startsWith("\u001b[H"));
    assert.equal(screens.length, 3);
    const note =
      '\u001b[2mlost "unix:///fake.sock" at 00:00:00: this goes on as soon as it is back\u001b[m';
    for (const [index, screen] of screens.entries()) {
      assert.match(screen, / app /);
      const seen = screen.replace(/\d\d:\d\d:\d\d/, "00:00:00");
      assert.equal(seen.includes(note), index === 1, screen);
    }
    assert.match(screens[2] ?? "", / db /);
    assert.ok(chunks.at(-1)?.endsWith("\u001b[?1049l"));
  });

  it("says on a narrow screen what fits, in lines that end where the screen does", async () => {
    const chunks: string[] = [];
    const stdout = memoryOutput(chunks, {
      ...{ isTty: true, canRedraw: true, columns: () => 40 },
      async *sizes() {
        yield { columns: 40, rows: 3 };
      },
    });
    const many = ["a", "b", "c", "d"].map((name) => fakeContainer({ name }));
    await watch("ps --watch --interval 100ms --no-trunc", [many, lost], { stdout });
    const last = chunks.findLast((chunk) => chunk.startsWith("\u001b[H")) ?? "";
    const lines = stripVTControlCharacters(last).split("\r\n");
    assert.deepEqual([lines.length, lines.map(({ length }) => length)], [3, [40, 40, 40]]);
    assert.match(lines[0] ?? "", /^CONTAINER /);
    assert.match(lines[2] ?? "", /^lost "unix:\/\/\/fake\.sock" at [\d:]{8}: t…$/);
  });
});
