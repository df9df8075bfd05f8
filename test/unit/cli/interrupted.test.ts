import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { OUTPUT_CLOSED } from "../../../src/cli/output-closed.ts";
import { runCommand } from "../../../src/cli/run-command.ts";
import type { CriBackend } from "../../../src/cri/backend.ts";
import { StatusError } from "../../../src/errors/status-error.ts";
import { fakeBackend, fakeContainer, fakePod } from "../../support/fake-backend.ts";
import { memoryInput, memoryOutput, memorySession } from "../../support/memory-session.ts";

const web = fakePod({ name: "web" });
const app = fakeContainer({ name: "app", podSandboxId: web.id });

/**
 * A backend that Ctrl-C finds at the call of that number, and at 0 while it is opened. The call
 * rejects, as those to a socket do, and with it all that come after it.
 */
function interruptedAt(number: number) {
  const interrupt = new AbortController();
  let calls = 0;
  const arrive = () => {
    if (calls++ >= number) interrupt.abort(new StatusError("Cancelled", "interrupted"));
    interrupt.signal.throwIfAborted();
  };
  const answers = {
    getContainerEvents: () => {
      arrive();
      return [];
    },
    listContainerStats: () => ({ stats: [] }),
    listPodSandboxStats: () => ({ stats: [] }),
    listPodSandboxMetrics: () => ({ podMetrics: [] }),
    version: () => ({ version: "", runtimeName: "", runtimeVersion: "", runtimeApiVersion: "" }),
  };
  const fake = fakeBackend({ pods: [web], containers: [app], answers });
  const arriving = <T extends object>(service: T): T =>
    new Proxy(service, {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== "function" || name === "getContainerEvents") return method;
        return async (...values: unknown[]) => {
          arrive();
          return await method.call(target, ...values);
        };
      },
    });
  const backend: CriBackend = {
    ...fake,
    runtime: arriving(fake.runtime),
    images: arriving(fake.images),
  };
  const open = async () => {
    if (number === 0) arrive();
    if (calls === 0) calls = 1;
    return backend;
  };
  return { open, signal: interrupt.signal };
}

describe("Ctrl-C", () => {
  /** Lines, and how many calls each makes at least: beyond those it was not there to be ended. */
  const following: readonly (readonly [line: string, calls: number])[] = [
    ["events", 3],
    ["events --type stopped", 3],
    ["logs -f app", 2],
    ["logs -f --pod web", 2],
    ["ps -w --interval 100ms", 5],
    ["pods -w --interval 100ms", 4],
    ["images -w --interval 100ms", 4],
    ["stats -w app", 3],
    ["stats -w --pod web -s 100ms", 3],
    ["statsp -w web", 3],
    ["metricsp -w", 2],
  ];
  for (const [line, calls] of following) {
    it(`ends ${line} with 0 and without a word, whatever it waits for`, async () => {
      for (let number = 0; number <= calls; number++) {
        const { open, signal } = interruptedAt(number);
        const { session, err } = memorySession(open, { signal });
        assert.equal(await runCommand(line.split(" "), session), 0, `at call ${number}`);
        assert.equal(err(), "", `at call ${number}`);
        assert.equal(signal.aborted, true, `call ${number} was not made`);
      }
    });
  }

  it("ends a live top with 0 while it takes its first sample", async () => {
    for (const number of [0, 1]) {
      const { open, signal } = interruptedAt(number);
      const { session } = memorySession(open, {
        signal,
        stdin: memoryInput({ isTty: true }),
        stdout: memoryOutput([], { isTty: true, canRedraw: true }),
      });
      assert.equal(await runCommand(["top"], session), 0);
    }
  });

  for (const line of ["ps", "logs app", "stats app", "top -n 2", "inspect app", "metricsp"]) {
    it(`ends ${line} with 130`, async () => {
      const { open, signal } = interruptedAt(1);
      const { session } = memorySession(open, { signal });
      assert.equal(await runCommand(line.split(" "), session), 130);
    });
  }
});

describe("what cannot be written", () => {
  it("fails a command that follows, and is no interruption", async () => {
    const ending = new AbortController();
    const failure = new StatusError("ResourceExhausted", "cannot write to stdout: disk full");
    const stdout = memoryOutput([], {
      async write() {
        ending.abort(failure);
        throw failure;
      },
    });
    for (const line of ["ps -w", "metricsp -w"]) {
      const { open } = interruptedAt(Number.POSITIVE_INFINITY);
      const { session, err } = memorySession(open, { signal: ending.signal, stdout });
      assert.equal(await runCommand(line.split(" "), session), 1, line);
      assert.match(err(), /cannot write to stdout/);
    }
  });
  it("fails logs, however they are looked at, and a reader that goes away does not", async () => {
    const directory = await mkdtemp(join(tmpdir(), "crish-logs-"));
    try {
      const logPath = join(directory, "0.log");
      await writeFile(logPath, "2024-01-01T00:00:00.000000000Z stdout F line\n".repeat(5));
      const containerStatus = () => ({ status: { id: app.id, state: 1, logPath }, info: {} });
      const backend = fakeBackend({ pods: [web], containers: [app], answers: { containerStatus } });
      const failure = new StatusError("ResourceExhausted", "cannot write to stdout: disk full");
      const line = async (words: string, reason: unknown) => {
        const ending = new AbortController();
        const stdout = memoryOutput([], {
          async write() {
            ending.abort(reason);
            if (reason instanceof Error) throw reason;
          },
        });
        const { session, err } = memorySession(backend, { signal: ending.signal, stdout });
        return [await runCommand(words.split(" "), session), err()];
      };
      const told = "crish: cannot write to stdout: disk full\n";
      for (const flags of ["", " -f", " -o jsonl", " --grep line", " -f --grep line"]) {
        assert.deepEqual(await line(`logs app${flags}`, failure), [1, told], flags);
        const [, silence] = await line(`logs app${flags}`, OUTPUT_CLOSED);
        assert.equal(silence, "", flags);
      }
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
