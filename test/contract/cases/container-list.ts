import assert from "node:assert/strict";
import { type ContainerFilter, ContainerState } from "../../../src/cri/gen/runtime/v1/api.ts";
import { contractCase } from "../contract-case.ts";
import type { World } from "../world.ts";

const UNKNOWN_ID = "0123456789abcdef".repeat(4);
/** As a client with a later version of the protocol may send it. */
const NO_STATE = 99 as ContainerState;

export const containerListCases = [
  contractCase(
    "listContainers",
    ["success"],
    "has the facts that ContainerStatus has",
    async (world) => {
      const { pod, id } = await world.sharedContainer();
      const [listed] = await list(world, { id });
      const status = await world.containerStatus(id);
      assert.equal(listed?.podSandboxId, pod.id);
      assert.deepEqual(listed?.metadata, status.metadata);
      assert.equal(listed?.state, status.state);
      assert.equal(listed?.createdAt, status.createdAt);
      assert.equal(listed?.imageRef, status.imageRef);
      assert.deepEqual(listed?.labels, status.labels);
    },
  ),
  contractCase(
    "listContainers",
    ["success", "repetition"],
    "without a filter lists all, the same twice",
    async (world) => {
      const { id } = await world.sharedContainer();
      const { containers } = await world.runtime.listContainers({ filter: undefined });
      assert.ok(containers.some((container) => container.id === id));
      const again = await world.runtime.listContainers({ filter: undefined });
      assert.deepEqual(again.containers.map(idOf).sort(), containers.map(idOf).sort());
    },
  ),
  contractCase("listContainers", [], "filters by ID, prefix, pod and state", async (world) => {
    const pod = await world.runPod();
    const created = await world.createContainer(pod);
    const running = await world.runContainer(pod);
    const ids = async (filter: Partial<ContainerFilter>) =>
      (await list(world, filter)).map(idOf).sort();
    assert.deepEqual(await ids({ id: created }), [created]);
    assert.deepEqual(await ids({ id: created.slice(0, 20) }), [created]);
    assert.deepEqual(await ids({ podSandboxId: pod.id }), [created, running].sort());
    const state = { state: ContainerState.CONTAINER_RUNNING };
    assert.deepEqual(await ids({ podSandboxId: pod.id, state }), [running]);
    assert.deepEqual(await ids({ id: created, state }), []);
  }),
  contractCase(
    "listContainers",
    [],
    "filters by labels, all of which must match",
    async (world) => {
      const pod = await world.runPod();
      const id = await world.createContainer(pod, { labels: { a: "1", b: "2" } });
      const labelled = async (labelSelector: Record<string, string>) =>
        (await list(world, { podSandboxId: pod.id, labelSelector })).map(idOf);
      assert.deepEqual(await labelled({ a: "1", b: "2" }), [id]);
      assert.deepEqual(await labelled({ a: "1", b: "3" }), []);
    },
  ),
  contractCase(
    "listContainers",
    ["unknown"],
    "an unknown ID or pod gives an empty list",
    async (world) => {
      assert.deepEqual(await list(world, { id: UNKNOWN_ID }), []);
      assert.deepEqual(await list(world, { podSandboxId: UNKNOWN_ID }), []);
    },
  ),
  contractCase(
    "listContainers",
    ["invalid"],
    "a state that there is not gives an empty list",
    async (world) => {
      await world.sharedContainer();
      assert.deepEqual(await list(world, { state: { state: NO_STATE } }), []);
    },
  ),
  contractCase(
    "streamContainers",
    ["success"],
    "gives what the list gives, and honours the filter",
    async (world) => {
      const { id } = await world.sharedContainer();
      assert.deepEqual(await streamed(world, { id }), [id]);
    },
  ),
  contractCase(
    "streamContainers",
    ["repetition"],
    "without a filter gives all, the same twice",
    async (world) => {
      await world.sharedContainer();
      const all = (await list(world, {})).map(idOf).sort();
      assert.deepEqual((await streamed(world, {})).sort(), all);
      assert.deepEqual((await streamed(world, {})).sort(), all);
    },
  ),
  contractCase(
    "streamContainers",
    ["unknown"],
    "an unknown ID or pod gives nothing",
    async (world) => {
      assert.deepEqual(await streamed(world, { id: UNKNOWN_ID }), []);
      assert.deepEqual(await streamed(world, { podSandboxId: UNKNOWN_ID }), []);
    },
  ),
  contractCase(
    "streamContainers",
    ["invalid"],
    "a state that there is not gives nothing",
    async (world) => {
      await world.sharedContainer();
      assert.deepEqual(await streamed(world, { state: { state: NO_STATE } }), []);
    },
  ),
  contractCase(
    "containerStatus",
    ["unknown"],
    "an unknown container is not found",
    async (world) => {
      const call = world.runtime.containerStatus({ containerId: UNKNOWN_ID, verbose: false });
      await world.refuses(call, "NotFound");
    },
  ),
  contractCase("containerStatus", ["invalid"], "an empty ID is refused", async (world) => {
    const call = world.runtime.containerStatus({ containerId: "", verbose: false });
    await world.refuses(call, "InvalidArgument", "NotFound");
  }),
  contractCase(
    "containerStatus",
    ["success", "repetition"],
    "answers the same twice, with info only when verbose",
    async (world) => {
      const { id } = await world.sharedContainer();
      const ask = (verbose: boolean) => world.runtime.containerStatus({ containerId: id, verbose });
      const first = await ask(false);
      assert.deepEqual((await ask(false)).status, first.status);
      assert.deepEqual(first.info, {});
      const { info } = await ask(true);
      const facts = JSON.parse(info.info ?? "{}");
      assert.ok(Number.isInteger(facts.pid) && facts.pid > 0, `no pid in ${JSON.stringify(info)}`);
    },
  ),
  contractCase("containerStatus", [], "a unique prefix of the ID is enough", async (world) => {
    const { id } = await world.sharedContainer();
    const containerId = id.slice(0, 20);
    const { status } = await world.runtime.containerStatus({ containerId, verbose: false });
    assert.equal(status?.id, id);
  }),
];

async function list(world: World, filter: Partial<ContainerFilter>) {
  return (await world.runtime.listContainers({ filter: whole(filter) })).containers;
}

async function streamed(world: World, filter: Partial<ContainerFilter>): Promise<string[]> {
  const found: string[] = [];
  for await (const part of world.runtime.streamContainers({ filter: whole(filter) })) {
    found.push(...part.containers.map(idOf));
  }
  return found;
}

function whole(filter: Partial<ContainerFilter>): ContainerFilter {
  return { id: "", state: undefined, podSandboxId: "", labelSelector: {}, ...filter };
}

function idOf({ id }: { id: string }): string {
  return id;
}
