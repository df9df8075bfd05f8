import assert from "node:assert/strict";
import type { ContainerStats, ContainerStatsFilter } from "../../../src/cri/gen/runtime/v1/api.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { contractCase } from "../contract-case.ts";
import type { World } from "../world.ts";

const UNKNOWN_ID = "0123456789abcdef".repeat(4);
const NO_ID = "no ID!";

export const statsCases = [
  contractCase(
    "containerStats",
    ["success"],
    "has ID, name, and figures with their times",
    async (world) => {
      const { id } = await world.sharedContainer();
      const { stats } = await world.runtime.containerStats({ containerId: id });
      assert.equal(stats?.attributes?.id, id);
      const { metadata } = await world.containerStatus(id);
      assert.deepEqual(stats?.attributes?.metadata, metadata);
      assert.ok((stats?.cpu?.timestamp ?? 0n) > 0n);
      assert.ok((stats?.cpu?.usageCoreNanoSeconds?.value ?? 0n) > 0n);
      assert.ok((stats?.memory?.timestamp ?? 0n) > 0n);
      assert.ok((stats?.memory?.workingSetBytes?.value ?? 0n) > 0n);
    },
  ),
  contractCase("containerStats", ["repetition"], "CPU time never goes back", async (world) => {
    const { id } = await world.sharedContainer();
    const cpu = async () =>
      (await world.runtime.containerStats({ containerId: id })).stats?.cpu?.usageCoreNanoSeconds
        ?.value ?? 0n;
    const first = await cpu();
    assert.ok((await cpu()) >= first);
  }),
  contractCase("containerStats", [], "the writable layer is measured", async (world) => {
    const pod = await world.runPod();
    const id = await world.runContainer(pod);
    await world.shell(id, "head -c 3000000 /dev/zero > /file");
    await waitUntil("the file is counted", async () => {
      const { stats } = await world.runtime.containerStats({ containerId: id });
      return (stats?.writableLayer?.usedBytes?.value ?? 0n) >= 3_000_000n;
    });
  }),
  contractCase(
    "containerStats",
    [],
    "of a container that has ended it has what it has written, and no CPU",
    async (world) => {
      const pod = await world.runPod();
      const script = "head -c 3000000 /dev/zero > /file";
      const id = await world.runContainer(pod, { command: ["sh", "-c", script] });
      await world.waitForExit(id);
      const { stats } = await world.runtime.containerStats({ containerId: id });
      assert.ok((stats?.writableLayer?.usedBytes?.value ?? 0n) >= 3_000_000n);
      assert.equal(stats?.attributes?.id, id);
      assert.equal(stats?.cpu, undefined);
      const listed = await list(world, { id });
      assert.ok(listed.every(({ cpu }) => (cpu?.timestamp ?? 0n) === 0n));
    },
  ),
  contractCase(
    "containerStats",
    ["unknown"],
    "an unknown container is not found",
    async (world) => {
      await world.refuses(world.runtime.containerStats({ containerId: UNKNOWN_ID }), "NotFound");
    },
  ),
  contractCase("containerStats", ["invalid"], "an empty ID is refused", async (world) => {
    const call = world.runtime.containerStats({ containerId: "" });
    await world.refuses(call, "InvalidArgument", "NotFound");
  }),
  contractCase(
    "listContainerStats",
    ["success", "repetition"],
    "without a filter has every running container, twice",
    async (world) => {
      const pod = await world.runPod();
      const ids = [await world.runContainer(pod), await world.runContainer(pod)];
      ids.push((await world.sharedContainer()).id);
      for (let time = 0; time < 2; time++) {
        const { stats } = await world.runtime.listContainerStats({ filter: undefined });
        const found = stats.map(idOf);
        for (const id of ids) assert.ok(found.includes(id), `${id} is missing`);
      }
    },
  ),
  contractCase("listContainerStats", [], "filters by ID, pod and label", async (world) => {
    const pod = await world.runPod();
    const id = await world.runContainer(pod, { labels: { kind: "stats" } });
    assert.deepEqual((await list(world, { id })).map(idOf), [id]);
    assert.deepEqual((await list(world, { podSandboxId: pod.id })).map(idOf), [id]);
    assert.deepEqual((await list(world, { labelSelector: { kind: "stats" } })).map(idOf), [id]);
    assert.deepEqual(await list(world, { labelSelector: { kind: "other" } }), []);
  }),
  contractCase(
    "listContainerStats",
    ["unknown"],
    "an unknown ID gives an empty list",
    async (world) => {
      assert.deepEqual(await list(world, { id: UNKNOWN_ID }), []);
    },
  ),
  contractCase(
    "listContainerStats",
    ["invalid"],
    "what is no ID gives an empty list",
    async (world) => {
      await world.sharedContainer();
      assert.deepEqual(await list(world, { id: NO_ID }), []);
    },
  ),
  contractCase(
    "streamContainerStats",
    ["success", "repetition"],
    "gives what the list gives, each time",
    async (world) => {
      const { id } = await world.sharedContainer();
      for (let time = 0; time < 2; time++) assert.deepEqual(await streamed(world, id), [id]);
    },
  ),
  contractCase(
    "streamContainerStats",
    ["unknown"],
    "an unknown ID gives nothing",
    async (world) => {
      assert.deepEqual(await streamed(world, UNKNOWN_ID), []);
    },
  ),
  contractCase(
    "streamContainerStats",
    ["invalid"],
    "what is no ID gives nothing",
    async (world) => {
      await world.sharedContainer();
      assert.deepEqual(await streamed(world, NO_ID), []);
    },
  ),
];

async function list(
  world: World,
  filter: Partial<ContainerStatsFilter>,
): Promise<ContainerStats[]> {
  const whole = { id: "", podSandboxId: "", labelSelector: {}, ...filter };
  return (await world.runtime.listContainerStats({ filter: whole })).stats;
}

async function streamed(world: World, id: string): Promise<string[]> {
  const found: string[] = [];
  const filter = { id, podSandboxId: "", labelSelector: {} };
  for await (const part of world.runtime.streamContainerStats({ filter })) {
    found.push(...part.containerStats.map(idOf));
  }
  return found;
}

function idOf(stats: { attributes: { id: string } | undefined }): string {
  return stats.attributes?.id ?? "";
}
