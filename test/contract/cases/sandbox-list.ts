import assert from "node:assert/strict";
import { type PodSandboxFilter, PodSandboxState } from "../../../src/cri/gen/runtime/v1/api.ts";
import { contractCase } from "../contract-case.ts";
import type { World } from "../world.ts";

const UNKNOWN_ID = "0123456789abcdef".repeat(4);
/** As a client with a later version of the protocol may send it. */
const NO_STATE = 99 as PodSandboxState;

export const sandboxListCases = [
  contractCase("podSandboxStatus", ["unknown"], "an unknown pod is not found", async (world) => {
    const call = world.runtime.podSandboxStatus({ podSandboxId: UNKNOWN_ID, verbose: false });
    await world.refuses(call, "NotFound");
  }),
  contractCase("podSandboxStatus", ["invalid"], "an empty ID is refused", async (world) => {
    const call = world.runtime.podSandboxStatus({ podSandboxId: "", verbose: false });
    await world.refuses(call, "InvalidArgument", "NotFound");
  }),
  contractCase(
    "podSandboxStatus",
    ["success", "repetition"],
    "answers the same twice, with info only when verbose",
    async (world) => {
      const { pod } = await world.sharedContainer();
      const ask = (verbose: boolean) =>
        world.runtime.podSandboxStatus({ podSandboxId: pod.id, verbose });
      const first = await ask(false);
      assert.deepEqual((await ask(false)).status, first.status);
      assert.deepEqual(first.info, {});
      const { info } = await ask(true);
      assert.ok(Object.keys(info).length > 0, "no info");
      for (const text of Object.values(info)) JSON.parse(text);
    },
  ),
  contractCase("podSandboxStatus", [], "a unique prefix of the ID is enough", async (world) => {
    const { pod } = await world.sharedContainer();
    const prefix = pod.id.slice(0, 20);
    const { status } = await world.runtime.podSandboxStatus({
      podSandboxId: prefix,
      verbose: false,
    });
    assert.equal(status?.id, pod.id);
  }),
  contractCase(
    "listPodSandbox",
    ["success", "repetition"],
    "without a filter lists every pod, the same twice",
    async (world) => {
      const { pod } = await world.sharedContainer();
      const other = await world.runPod();
      const first = await ids(world);
      assert.ok(first.includes(pod.id) && first.includes(other.id));
      assert.deepEqual((await ids(world)).sort(), first.sort());
    },
  ),
  contractCase("listPodSandbox", [], "filters by ID and by a prefix of it", async (world) => {
    const { pod } = await world.sharedContainer();
    assert.deepEqual(await ids(world, { id: pod.id }), [pod.id]);
    assert.deepEqual(await ids(world, { id: pod.id.slice(0, 20) }), [pod.id]);
  }),
  contractCase(
    "listPodSandbox",
    ["unknown"],
    "an unknown ID gives an empty list",
    async (world) => {
      assert.deepEqual(await ids(world, { id: UNKNOWN_ID }), []);
    },
  ),
  contractCase(
    "listPodSandbox",
    ["invalid"],
    "a state that there is not gives an empty list",
    async (world) => {
      await world.sharedContainer();
      assert.deepEqual(await ids(world, { state: { state: NO_STATE } }), []);
    },
  ),
  contractCase("listPodSandbox", [], "filters by state", async (world) => {
    const { pod } = await world.sharedContainer();
    const stopped = await world.runPod();
    await world.runtime.stopPodSandbox({ podSandboxId: stopped.id });
    const ready = await ids(world, { state: { state: PodSandboxState.SANDBOX_READY } });
    const notReady = await ids(world, { state: { state: PodSandboxState.SANDBOX_NOTREADY } });
    assert.ok(ready.includes(pod.id) && !ready.includes(stopped.id));
    assert.ok(notReady.includes(stopped.id) && !notReady.includes(pod.id));
  }),
  contractCase(
    "listPodSandbox",
    [],
    "filters by labels, all of which must match",
    async (world) => {
      const pod = await world.runPod({ labels: { tier: "front", app: "a" } });
      assert.deepEqual(await ids(world, { labelSelector: { tier: "front", app: "a" } }), [pod.id]);
      assert.deepEqual(await ids(world, { labelSelector: { tier: "front", app: "b" } }), []);
      assert.deepEqual(await ids(world, { labelSelector: { tier: "" } }), []);
    },
  ),
  contractCase("listPodSandbox", [], "combines the parts of a filter", async (world) => {
    const pod = await world.runPod({ labels: { tier: "back" } });
    const state = { state: PodSandboxState.SANDBOX_NOTREADY };
    assert.deepEqual(await ids(world, { id: pod.id, state }), []);
    assert.deepEqual(await ids(world, { id: pod.id, labelSelector: { tier: "x" } }), []);
  }),
  contractCase(
    "streamPodSandboxes",
    ["success"],
    "gives what the list gives, and honours the filter",
    async (world) => {
      const { pod } = await world.sharedContainer();
      assert.deepEqual(await streamed(world, { id: pod.id }), [pod.id]);
    },
  ),
  contractCase(
    "streamPodSandboxes",
    ["repetition"],
    "without a filter gives every pod, the same twice",
    async (world) => {
      await world.sharedContainer();
      const all = (await ids(world)).sort();
      assert.deepEqual((await streamed(world)).sort(), all);
      assert.deepEqual((await streamed(world)).sort(), all);
    },
  ),
  contractCase("streamPodSandboxes", ["unknown"], "an unknown ID gives nothing", async (world) => {
    assert.deepEqual(await streamed(world, { id: UNKNOWN_ID }), []);
  }),
  contractCase(
    "streamPodSandboxes",
    ["invalid"],
    "a state that there is not gives nothing",
    async (world) => {
      await world.sharedContainer();
      assert.deepEqual(await streamed(world, { state: { state: NO_STATE } }), []);
    },
  ),
];

async function ids(world: World, filter: Partial<PodSandboxFilter> = {}): Promise<string[]> {
  const { items } = await world.runtime.listPodSandbox({ filter: whole(filter) });
  return items.map(({ id }) => id);
}

async function streamed(world: World, filter: Partial<PodSandboxFilter> = {}): Promise<string[]> {
  const found: string[] = [];
  for await (const part of world.runtime.streamPodSandboxes({ filter: whole(filter) })) {
    found.push(...part.podSandboxes.map(({ id }) => id));
  }
  return found;
}

function whole(filter: Partial<PodSandboxFilter>): PodSandboxFilter {
  return { id: "", state: undefined, labelSelector: {}, ...filter };
}
