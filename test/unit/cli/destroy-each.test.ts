import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Session } from "../../../src/cli/context.ts";
import { OUTPUT_CLOSED } from "../../../src/cli/output-closed.ts";
import { runCommand } from "../../../src/cli/run-command.ts";
import { StatusError } from "../../../src/errors/status-error.ts";
import {
  type FakeBackend,
  fakeBackend,
  fakeContainer,
  fakeImage,
  fakePod,
} from "../../support/fake-backend.ts";
import { memoryInput, memoryOutput, memorySession } from "../../support/memory-session.ts";

const web = fakePod({ name: "web", state: 1 });
const app = fakeContainer({ name: "app", podSandboxId: web.id, state: 2, createdAt: 3n });
const job = fakeContainer({ name: "job", podSandboxId: web.id, state: 2, createdAt: 2n });
const live = fakeContainer({ name: "live", podSandboxId: web.id, state: 1, createdAt: 1n });
const two = fakeImage({ id: `sha256:${"a".repeat(64)}`, repoTags: ["x.test/a:1", "x.test/a:2"] });
const contents = { pods: [web], containers: [app, job, live], images: [two] };

/** A terminal that answers the question, and keeps it. */
async function onTerminal(line: string, answer: boolean, given: object = contents) {
  const backend = fakeBackend(given);
  const err: string[] = [];
  const questions: string[] = [];
  const overrides: Partial<Session> = {
    stdin: memoryInput({ isTty: true }),
    stderr: memoryOutput(err, { isTty: true, canRedraw: true }),
    confirm: async (question) => {
      questions.push(question);
      return answer;
    },
  };
  const { session, out } = memorySession(backend, overrides);
  const status = await runCommand(line.split(" "), session);
  const removals = backend.calls.filter((call) => /^(remove|stop)/.test(call));
  return { status, questions, out: out(), err: err.join(""), removals };
}

async function inScript(line: string) {
  const backend = fakeBackend(contents);
  const { session, out, err } = memorySession(backend, {
    confirm: async () => assert.fail("asked without a terminal"),
  });
  const status = await runCommand(line.split(" "), session);
  const removals = backend.calls.filter((call) => /^(remove|stop)/.test(call));
  return { status, out: out(), err: err(), removals };
}

describe("a verb that destroys", () => {
  it("asks on a terminal before more than one object goes, and names them", async () => {
    const { status, questions, err, removals } = await onTerminal("rm app job", true);
    assert.deepEqual([status, questions, removals.length], [0, ["Remove these 2 containers?"], 2]);
    assert.match(err, /^ {2}default\/web\/app {2}[0-9a-f]{13}\n {2}default\/web\/job {2}/);
  });

  it("does nothing where the answer is no, with status 1", async () => {
    const { status, err, removals } = await onTerminal("rm app job", false);
    assert.deepEqual([status, removals], [1, []]);
    assert.match(err, /crish: nothing was done\n$/);
  });

  it("does not ask about one object, however it was meant", async () => {
    assert.deepEqual((await onTerminal("rm app", false)).questions, []);
    assert.deepEqual((await onTerminal("rm app app", false)).questions, []);
    const one = { pods: [web], containers: [app] };
    assert.deepEqual((await onTerminal("rm --all", false, one)).questions, []);
    // The one that runs would not go.
    assert.deepEqual((await onTerminal("rm app live", false)).questions, []);
  });

  it("-y skips the question", async () => {
    const { questions, removals } = await onTerminal("rm -y app job", false);
    assert.deepEqual([questions, removals.length], [[], 2]);
  });

  it("shows ten names at most, and how many more there are", async () => {
    const containers = Array.from({ length: 12 }, (_, index) =>
      fakeContainer({ name: `c${index}`, podSandboxId: web.id, state: 2 }),
    );
    const { err, questions } = await onTerminal("rm -a", false, { pods: [web], containers });
    assert.deepEqual(questions, ["Remove these 12 containers?"]);
    assert.equal(err.split("\n").filter((line) => line.startsWith("  default/")).length, 10);
    assert.match(err, / {2}and 2 more\n/);
  });

  it("never asks without a terminal", async () => {
    assert.equal((await inScript("rm -af")).removals.length >= 3, true);
  });

  it("--dry-run prints kind, ID and name of each, and does nothing", async () => {
    const { status, out, removals } = await inScript("rm --dry-run app job app");
    assert.deepEqual([status, removals], [0, []]);
    assert.equal(
      out,
      `container\t${app.id}\tdefault/web/app\ncontainer\t${job.id}\tdefault/web/job\n`,
    );
    const pods = await inScript("rmp --dry-run -a");
    assert.equal(pods.out, `pod\t${web.id}\tdefault/web\n`);
    const image = await inScript("rmi --dry-run x.test/a:1");
    assert.equal(image.out, `image\t${two.id}\tx.test/a:1,x.test/a:2\n`);
    const terminal = await onTerminal("stop --dry-run -a", false);
    assert.deepEqual([terminal.questions, terminal.removals], [[], []]);
    assert.equal(terminal.out, `container\t${live.id}\tdefault/web/live\n`);
  });

  it("--dry-run tells what would fail as the verb does", async () => {
    const unknown = await inScript("rm --dry-run app nothing");
    assert.deepEqual([unknown.status, unknown.removals], [4, []]);
    assert.match(unknown.out, /^container\t/);
    const running = await inScript("rm --dry-run live");
    assert.deepEqual([running.status, running.out], [1, ""]);
    assert.match(running.err, /"live" is running/);
  });
  it("acts on all that it was given though its output is closed or takes no more, unless it is ended", async () => {
    const containers = Array.from({ length: 20 }, (_, index) =>
      fakeContainer({ name: `c${index}`, podSandboxId: web.id, state: 2 }),
    );
    const full = new StatusError("ResourceExhausted", "cannot write to stdout: disk full");
    const interrupted = new StatusError("Cancelled", "interrupted");
    for (const [reason, all, ended] of [
      [OUTPUT_CLOSED, true, [0, ""]],
      [full, true, [1, "crish: cannot write to stdout: disk full\n"]],
      [interrupted, false, [130, ""]],
    ] as const) {
      const ending = new AbortController();
      const backend = heedingSignals(fakeBackend({ pods: [web], containers }));
      const { session, err } = memorySession(backend, {
        signal: ending.signal,
        stdout: memoryOutput([], {
          async write() {
            const isFirst = !ending.signal.aborted;
            ending.abort(reason);
            if (isFirst && reason === full) throw reason;
          },
        }),
      });
      const status = await runCommand(["rm", ...containers.map(({ id }) => id)], session);
      const removed = backend.calls.filter((call) => call.startsWith("removeContainer")).length;
      assert.deepEqual([status, err(), removed === containers.length], [...ended, all]);
    }
  });
});

/** A backend whose calls an aborted signal ends, as those to a socket are. */
function heedingSignals(backend: FakeBackend): FakeBackend {
  const runtime = new Proxy(backend.runtime, {
    get: (target, name) => {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return async (request: unknown, options?: { readonly signal?: AbortSignal }) => {
        options?.signal?.throwIfAborted();
        return await method.call(target, request, options);
      };
    },
  });
  return { ...backend, runtime };
}
