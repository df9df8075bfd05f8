import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Session } from "../../../src/cli/context.ts";
import { runCommand } from "../../../src/cli/run-command.ts";
import type { CriBackend } from "../../../src/cri/backend.ts";
import { createMessage } from "../../../src/cri/create-message.ts";
import {
  ContainerEventResponse,
  ContainerStatus,
  PodSandboxStatus,
} from "../../../src/cri/gen/runtime/v1/api.ts";
import { connectError } from "../../../src/cri/wire-error.ts";
import { StatusError } from "../../../src/errors/status-error.ts";
import { fakeBackend, fakeContainer, fakePod } from "../../support/fake-backend.ts";
import { memoryOutput, memorySession } from "../../support/memory-session.ts";
import { waitUntil } from "../../support/wait-until.ts";

const web = fakePod({ name: "web" });
const app = fakeContainer({ name: "app", podSandboxId: web.id });
const db = fakeContainer({ name: "db", podSandboxId: web.id });

const STOPPED = 2;
const DELETED = 3;

/** What a runtime tells in each of its lives: events, and how the stream ends. */
type Life = AsyncGenerator<ContainerEventResponse> | Generator<ContainerEventResponse>;

function backendOf(lives: readonly (() => Life)[], fields: Partial<CriBackend["runtime"]> = {}) {
  const backend = fakeBackend({ pods: [web], containers: [app, db] });
  let life = 0;
  const own: Partial<CriBackend["runtime"]> = {
    async *getContainerEvents(_request, options) {
      const next = lives[life++];
      if (next !== undefined) return yield* next();
      await new Promise((_resolve, reject) =>
        options?.signal?.addEventListener("abort", () => reject(options.signal?.reason)),
      );
    },
    version: async () => ({
      version: "",
      runtimeName: "fake",
      runtimeVersion: "1",
      runtimeApiVersion: "v1",
    }),
    ...fields,
  };
  const runtime = new Proxy(backend.runtime, {
    get: (target, name) => Reflect.get(name in own ? own : target, name),
  });
  return { ...backend, runtime };
}

async function run(line: string, lives: readonly (() => Life)[], overrides: Partial<Session> = {}) {
  const { session, out, err } = memorySession(backendOf(lives), overrides);
  const status = await runCommand(line.split(" "), session);
  return { status, out: out(), err: err() };
}

describe("events", () => {
  it("are lines of JSON on a pipe, and end after the count", async () => {
    const { status, out, err } = await run("events --count 2", [stopAndDelete]);
    assert.deepEqual([status, err], [0, ""]);
    const lines = out.trimEnd().split("\n");
    assert.equal(lines.length, 2);
    const [first, second] = lines.map((text) => JSON.parse(text));
    assert.equal(first.containerEventType, "CONTAINER_STOPPED_EVENT");
    assert.equal(first.createdAt, "1700000000123000000");
    assert.deepEqual(second.containersStatuses, []);
  });

  it("are readable lines on a terminal, the name known of what is removed", async () => {
    const out: string[] = [];
    const stdout = memoryOutput(out, { isTty: true });
    await run("event -n 2", [stopAndDelete], { stdout });
    const [first = "", second = ""] = out;
    const id = app.id.slice(0, 13);
    assert.match(first, /^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d\.123 STOPPED {2}container /);
    assert.ok(first.endsWith(` ${id}  default/web/app exit 137, OOMKilled\n`), first);
    assert.ok(second.includes(`DELETED  container  ${id}  default/web/app\n`), second);
  });

  it("are crictl's documents with json and yaml, and a template's text", async () => {
    const one = [stopAndDelete];
    const json = (await run("events -o json -n 1", one)).out;
    assert.equal(JSON.parse(json).containerId, app.id);
    assert.ok(json.startsWith("{\n  "));
    assert.match((await run("events -o yaml -n 1", one)).out, /^---\ncontainerEventType: CONT/);
    const template = await run("events -n 1 -o go-template --template {{.containerId}}", one);
    assert.equal(template.out, `${app.id}\n`);
    assert.equal((await run("events -o go-template --template {{ -n 1", one)).status, 2);
    assert.equal((await run("events -n 0", one)).status, 2);
    assert.equal((await run("events --type died", one)).status, 2);
  });

  it("are filtered by pod, container and type", async () => {
    const both = () => events([stopped(db), stopped(app), deleted(app)]);
    const idsOf = async (flags: string) =>
      (await run(`events ${flags} -o jsonpath={.containerId}`, [both])).out.trimEnd();
    assert.equal(await idsOf("--container app -n 1"), app.id);
    assert.equal(await idsOf("--container default/web/app --type deleted -n 1"), app.id);
    assert.equal(await idsOf("--pod default/web -n 1"), db.id);
    assert.equal(await idsOf(`--pod ${web.id.slice(0, 5)} --type deleted -n 1`), app.id);
  });

  it("go on behind a restart, which is told once, and keep the count", async () => {
    let isUp = 0;
    const backend = backendOf(
      [
        () => events([stopped(app)], new StatusError("Unavailable", "lost")),
        () => events([stopped(db)]),
      ],
      {
        version: async () => {
          if (++isUp < 3) throw new StatusError("Unavailable", "not yet");
          return { version: "", runtimeName: "", runtimeVersion: "", runtimeApiVersion: "" };
        },
      },
    );
    const { session, out, err } = memorySession(backend);
    assert.equal(await runCommand(["events", "--count", "2"], session), 0);
    assert.equal(out().trimEnd().split("\n").length, 2);
    assert.match(err(), /^lost "unix:.*\n"unix:.* is back; what happened in the \d+ s between/);
    assert.equal(err().split("\n").length, 3);
  });

  it("are refused where nothing listens at first, and where the call is lacking", async () => {
    const refused = connectError("unix:///x.sock", "ECONNREFUSED");
    assert.equal((await run("events", [() => events([], refused)])).status, 3);
    const lacking = new StatusError("Unimplemented", '"x" does not implement "GetContainerEvents"');
    const { status, err } = await run("events", [() => events([], lacking)]);
    assert.equal(status, 1);
    assert.match(err, /does not implement/);
  });

  it("end with 0 at Ctrl-C", async () => {
    const abort = new AbortController();
    const running = memorySession(backendOf([() => events([stopped(app)])]), {
      signal: abort.signal,
    });
    const done = runCommand(["events"], running.session);
    await waitUntil("an event is there", () => running.out() !== "");
    abort.abort();
    assert.equal(await done, 0);
  });
});

function stopAndDelete(): Life {
  return events([stopped(app), deleted(app)]);
}

function* events(list: readonly ContainerEventResponse[], error?: Error): Life {
  yield* list;
  if (error !== undefined) throw error;
}

function stopped(container: typeof app): ContainerEventResponse {
  return createMessage(ContainerEventResponse, {
    containerId: container.id,
    containerEventType: STOPPED,
    createdAt: 1_700_000_000_123_000_000n,
    podSandboxStatus: createMessage(PodSandboxStatus, { id: web.id, metadata: web.metadata }),
    containersStatuses: [
      createMessage(ContainerStatus, {
        id: container.id,
        metadata: container.metadata,
        exitCode: 137,
        reason: "OOMKilled",
      }),
    ],
  });
}

function deleted(container: typeof app): ContainerEventResponse {
  return createMessage(ContainerEventResponse, {
    containerId: container.id,
    containerEventType: DELETED,
    createdAt: 1_700_000_001_000_000_000n,
  });
}
