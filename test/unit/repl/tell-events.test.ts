import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import type { CriBackend } from "../../../src/cri/backend.ts";
import { createMessage } from "../../../src/cri/create-message.ts";
import {
  type Container,
  ContainerEventResponse,
  ContainerEventType,
  ContainerStatus,
  PodSandboxStatus,
} from "../../../src/cri/gen/runtime/v1/api.ts";
import { StatusError } from "../../../src/errors/status-error.ts";
import { createChangeTeller } from "../../../src/repl/context/tell-changes.ts";
import { createShell } from "../../../src/repl/create-shell.ts";
import { fakeBackend, fakeContainer } from "../../support/fake-backend.ts";
import { memorySession } from "../../support/memory-session.ts";
import { waitUntil } from "../../support/wait-until.ts";

const { CONTAINER_STOPPED_EVENT, CONTAINER_STARTED_EVENT } = ContainerEventType;
const pod = createMessage(PodSandboxStatus, { id: "p".repeat(64) });
const app = fakeContainer({ name: "app", state: 1 });
const HOUR_MS = 3_600_000;

function stopped(name: string, fields: Partial<ContainerEventResponse> = {}) {
  const { id, metadata } = fakeContainer({ name });
  const status = createMessage(ContainerStatus, { id, metadata, state: 2, exitCode: 3 });
  return createMessage(ContainerEventResponse, {
    containerId: id,
    containerEventType: CONTAINER_STOPPED_EVENT,
    createdAt: BigInt(Date.now() + HOUR_MS) * 1_000_000n,
    podSandboxStatus: pod,
    containersStatuses: [status],
    ...fields,
  });
}

/** A teller that looks twice and then never again within a test, on a runtime whose streams are told. */
function openTeller(
  options: { readonly streams?: (life: number) => Promise<void>; readonly isEmpty?: boolean } = {},
) {
  const node = {
    containers: [app] as Container[],
    looks: 0,
    opened: 0,
    statuses: {} as Record<string, { exitCode: number; reason: string }>,
  };
  const waiting: ContainerEventResponse[] = [];
  const answers = {
    listContainers: () => {
      node.looks++;
      return { containers: node.containers };
    },
    version: () => ({ version: "", runtimeName: "", runtimeVersion: "", runtimeApiVersion: "" }),
    containerStatus: ({ containerId }: { containerId: string }) => {
      const status = node.statuses[containerId];
      if (status === undefined) throw new StatusError("NotFound", "it is gone");
      return { status: { id: containerId, ...status } };
    },
  };
  const fake = fakeBackend({ answers });
  const own: Partial<CriBackend["runtime"]> = {
    async *getContainerEvents(_request, call) {
      node.opened++;
      await options.streams?.(node.opened);
      while (call?.signal?.aborted !== true && options.isEmpty !== true) {
        yield* waiting.splice(0);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    },
  };
  const runtime = new Proxy(fake.runtime, {
    get: (target, name) => Reflect.get(name in own ? own : target, name),
  });
  const { session } = memorySession({ ...fake, runtime });
  const shell = createShell({ session });
  shell.runtime = { name: "fake", line: "fake 2 at fake:", sharesEvents: true };
  const told: string[] = [];
  const print = async (text: string) => {
    told.push(...text.split("\n").map((line) => line.replace(/^\d\d:\d\d:\d\d /, "")));
  };
  const open = (lookMs: number) => createChangeTeller({ shell, print, lookMs });
  const happens = (...events: ContainerEventResponse[]) => void waiting.push(...events);
  return { open, node, shell, told, happens };
}

describe("what a shell tells of a runtime with events", { timeout: 60_000 }, () => {
  let rest = () => {};
  afterEach(() => rest());

  it("is a container that no list has had", async () => {
    const { open, told, happens } = openTeller();
    rest = open(HOUR_MS).whileIdle();
    happens(stopped("brief"));
    await waitUntil("it is told", () => told.length > 0);
    assert.deepEqual(told, ["container brief ended with 3"]);
  });

  it("is why, as the runtime says by then", async () => {
    const { open, node, told, happens } = openTeller();
    const event = stopped("greedy");
    node.statuses = { [event.containerId]: { exitCode: 137, reason: "OOMKilled" } };
    rest = open(HOUR_MS).whileIdle();
    happens(event);
    await waitUntil("it is told", () => told.length > 0);
    assert.deepEqual(told, ["container greedy was killed: it had no memory left (exit 137)"]);
  });

  it("is a container whose event names it no more, by the last list", async () => {
    const { open, told, happens } = openTeller();
    rest = open(HOUR_MS).whileIdle();
    happens(stopped("app", { containerId: app.id, containersStatuses: [] }), stopped("last"));
    await waitUntil("it is told", () => told.length > 1);
    assert.deepEqual(told, ["container app ended", "container last ended with 3"]);
  });

  it("is each end once, of events and lists together", async () => {
    const { open, node, told, happens } = openTeller();
    rest = open(1).whileIdle();
    await waitUntil("it listens", () => node.opened > 0);
    happens(stopped("app", { containerId: app.id }));
    await waitUntil("it is told", () => told.length > 0);
    node.containers = [{ ...app, state: 2 }];
    const { looks } = node;
    await waitUntil("it has looked again", () => node.looks > looks + 2);
    happens(stopped("app", { containerId: app.id }), stopped("last"));
    await waitUntil("it is told", () => told.length > 1);
    assert.equal(told.length, 2);
    assert.equal(told[1], "container last ended with 3");
  });

  it("is no start, no pod, and nothing of before it listened", async () => {
    const { open, told, happens } = openTeller();
    rest = open(HOUR_MS).whileIdle();
    happens(
      stopped("started", { containerEventType: CONTAINER_STARTED_EVENT }),
      stopped("pod", { containerId: pod.id }),
      stopped("old", { createdAt: BigInt(Date.now() - HOUR_MS) * 1_000_000n }),
      stopped("last"),
    );
    await waitUntil("it is told", () => told.length > 0);
    assert.deepEqual(told, ["container last ended with 3"]);
  });

  it("goes on after the runtime was restarted", async () => {
    const { open, node, told, happens } = openTeller({
      async streams(life) {
        if (life === 1) throw new StatusError("Unavailable", "it went away");
      },
    });
    rest = open(HOUR_MS).whileIdle();
    await waitUntil("it listens again", () => node.opened > 1);
    happens(stopped("late"));
    await waitUntil("it is told", () => told.length > 0);
    assert.deepEqual(told, ["container late ended with 3"]);
  });

  for (const [what, streams] of [
    ["says that it has none", () => Promise.reject(new StatusError("Unimplemented", "no events"))],
    ["ends the stream at once", () => Promise.resolve()],
  ] as const) {
    it(`is found by lists where it ${what}`, async () => {
      const { open, node, told } = openTeller({ streams, isEmpty: true });
      rest = open(1).whileIdle();
      await waitUntil("it was asked", () => node.opened > 0);
      node.containers = [{ ...app, state: 2 }];
      await waitUntil("it is told", () => told.length > 0);
      assert.equal(node.opened, 1);
      assert.deepEqual(told, ["container app ended"]);
    });
  }

  it("is found by lists where listening would take events from another", async () => {
    const { open, node, shell, told } = openTeller();
    shell.runtime = { name: "fake", line: "fake 1 at fake:", sharesEvents: false };
    rest = open(1).whileIdle();
    await waitUntil("it has looked", () => node.looks > 1);
    node.containers = [{ ...app, state: 2 }];
    await waitUntil("it is told", () => told.length > 0);
    assert.equal(node.opened, 0);
  });
});
