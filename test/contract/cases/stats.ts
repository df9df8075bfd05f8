import assert from "node:assert/strict";
import type { ContainerStats, ContainerStatsFilter } from "../../../src/cri/gen/runtime/v1/api.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { contractCase } from "../contract-case.ts";
import type { World } from "../world.ts";

const UNKNOWN_ID = "0123456789abcdef".repeat(4);

export const statsCases = [
  contractCase("containerStats", "has ID, name, and figures with their times", async (world) => {
    const { id } = await world.sharedContainer();
    const { stats } = await world.runtime.containerStats({ containerId: id });
    assert.equal(stats?.attributes?.id, id);
    const { metadata } = await world.containerStatus(id);
    assert.deepEqual(stats?.attributes?.metadata, metadata);
    assert.ok((stats?.cpu?.timestamp ?? 0n) > 0n);
    assert.ok((stats?.cpu?.usageCoreNanoSeconds?.value ?? 0n) > 0n);
    assert.ok((stats?.memory?.timestamp ?? 0n) > 0n);
    assert.ok((stats?.memory?.workingSetBytes?.value ?? 0n) > 0n);
  }),
  contractCase("containerStats", "CPU time never goes back", async (world) => {
    const { id } = await world.sharedContainer();
    const cpu = async () =>
      (await world.runtime.containerStats({ containerId: id })).stats?.cpu?.usageCoreNanoSeconds
        ?.value ?? 0n;
    const first = await cpu();
    assert.ok((await cpu()) >= first);
  }),
  contractCase("containerStats", "the writable layer is measured", async (world) => {
    const pod = await world.runPod();
    const id = await world.runContainer(pod);
    await world.shell(id, "head -c 3000000 /dev/zero > /file");
    await waitUntil("the file is counted", async () => {
      const { stats } = await world.runtime.containerStats({ containerId: id });
      return (stats?.writableLayer?.usedBytes?.value ?? 0n) >= 3_000_000n;
    });
  }),
  contractCase("containerStats", "an unknown container is not found", async (world) => {
    await world.refuses(world.runtime.containerStats({ containerId: UNKNOWN_ID }), "NotFound");
  }),
  contractCase("containerStats", "an empty ID is refused", async (world) => {
    const call = world.runtime.containerStats({ containerId: "" });
    await world.refuses(call, "InvalidArgument", "NotFound");
  }),
  contractCase(
    "listContainerStats",
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
  contractCase("listContainerStats", "filters by ID, pod and label", async (world) => {
    const pod = await world.runPod();
    const id = await world.runContainer(pod, { labels: { kind: "stats" } });
    assert.deepEqual((await list(world, { id })).map(idOf), [id]);
    assert.deepEqual((await list(world, { podSandboxId: pod.id })).map(idOf), [id]);
    assert.deepEqual((await list(world, { labelSelector: { kind: "stats" } })).map(idOf), [id]);
    assert.deepEqual(await list(world, { labelSelector: { kind: "other" } }), []);
  }),
  contractCase("listContainerStats", "an unknown ID gives an empty list", async (world) => {
    assert.deepEqual(await list(world, { id: UNKNOWN_ID }), []);
  }),
  contractCase("streamContainerStats", "gives what the list gives", async (world) => {
    const { id } = await world.sharedContainer();
    const found: string[] = [];
    const filter = { id, podSandboxId: "", labelSelector: {} };
    for await (const part of world.runtime.streamContainerStats({ filter })) {
      found.push(...part.containerStats.map(idOf));
    }
    assert.deepEqual(found, [id]);
  }),
  contractCase("podSandboxStats", "has the pod's figures and its containers'", async (world) => {
    const { pod, id } = await world.sharedContainer();
    const { stats } = await world.runtime.podSandboxStats({ podSandboxId: pod.id });
    assert.equal(stats?.attributes?.id, pod.id);
    assert.deepEqual(stats?.attributes?.metadata, pod.config.metadata);
    assert.ok((stats?.linux?.memory?.workingSetBytes?.value ?? 0n) > 0n);
    assert.ok(stats?.linux?.containers.map(idOf).includes(id));
  }),
  contractCase("podSandboxStats", "an unknown pod is not found", async (world) => {
    await world.refuses(world.runtime.podSandboxStats({ podSandboxId: UNKNOWN_ID }), "NotFound");
  }),
  contractCase("listPodSandboxStats", "lists the pod, by filter and without", async (world) => {
    const { pod } = await world.sharedContainer();
    const ask = async (id: string | undefined) => {
      const filter = id === undefined ? undefined : { id, labelSelector: {} };
      const { stats } = await world.runtime.listPodSandboxStats({ filter });
      return stats.map(idOf);
    };
    assert.ok((await ask(undefined)).includes(pod.id));
    assert.deepEqual(await ask(pod.id), [pod.id]);
    assert.deepEqual(await ask(UNKNOWN_ID), []);
  }),
  contractCase("streamPodSandboxStats", "gives what the list gives", async (world) => {
    const { pod } = await world.sharedContainer();
    const found: string[] = [];
    const filter = { id: pod.id, labelSelector: {} };
    for await (const part of world.runtime.streamPodSandboxStats({ filter })) {
      found.push(...part.podSandboxStats.map(idOf));
    }
    assert.deepEqual(found, [pod.id]);
  }),
];

async function list(
  world: World,
  filter: Partial<ContainerStatsFilter>,
): Promise<ContainerStats[]> {
  const whole = { id: "", podSandboxId: "", labelSelector: {}, ...filter };
  return (await world.runtime.listContainerStats({ filter: whole })).stats;
}

function idOf(stats: { attributes: { id: string } | undefined }): string {
  return stats.attributes?.id ?? "";
}
