import assert from "node:assert/strict";
import { contractCase } from "../contract-case.ts";
import type { World } from "../world.ts";

const UNKNOWN_ID = "0123456789abcdef".repeat(4);
const NO_ID = "no ID!";

export const sandboxStatsCases = [
  contractCase(
    "podSandboxStats",
    ["success"],
    "has the pod's figures and its containers'",
    async (world) => {
      const { pod, id } = await world.sharedContainer();
      const { stats } = await world.runtime.podSandboxStats({ podSandboxId: pod.id });
      assert.equal(stats?.attributes?.id, pod.id);
      assert.deepEqual(stats?.attributes?.metadata, pod.config.metadata);
      assert.ok((stats?.linux?.memory?.workingSetBytes?.value ?? 0n) > 0n);
      assert.ok(stats?.linux?.containers.map(idOf).includes(id));
    },
  ),
  contractCase("podSandboxStats", ["repetition"], "CPU time never goes back", async (world) => {
    const { pod } = await world.sharedContainer();
    const cpu = async () =>
      (await world.runtime.podSandboxStats({ podSandboxId: pod.id })).stats?.linux?.cpu
        ?.usageCoreNanoSeconds?.value ?? 0n;
    const first = await cpu();
    assert.ok(first > 0n);
    assert.ok((await cpu()) >= first);
  }),
  contractCase("podSandboxStats", ["unknown"], "an unknown pod is not found", async (world) => {
    await world.refuses(world.runtime.podSandboxStats({ podSandboxId: UNKNOWN_ID }), "NotFound");
  }),
  contractCase("podSandboxStats", ["invalid"], "an empty ID is refused", async (world) => {
    const call = world.runtime.podSandboxStats({ podSandboxId: "" });
    await world.refuses(call, "InvalidArgument", "NotFound");
  }),
  contractCase(
    "listPodSandboxStats",
    ["success", "repetition"],
    "lists the pod, by filter and without, each time",
    async (world) => {
      const { pod } = await world.sharedContainer();
      for (let time = 0; time < 2; time++) {
        assert.ok((await listed(world)).includes(pod.id));
        assert.deepEqual(await listed(world, pod.id), [pod.id]);
      }
    },
  ),
  contractCase(
    "listPodSandboxStats",
    ["unknown"],
    "an unknown ID gives an empty list",
    async (world) => {
      await world.sharedContainer();
      assert.deepEqual(await listed(world, UNKNOWN_ID), []);
    },
  ),
  contractCase(
    "listPodSandboxStats",
    ["invalid"],
    "what is no ID gives an empty list",
    async (world) => {
      await world.sharedContainer();
      assert.deepEqual(await listed(world, NO_ID), []);
    },
  ),
  contractCase(
    "streamPodSandboxStats",
    ["success", "repetition"],
    "gives what the list gives, each time",
    async (world) => {
      const { pod } = await world.sharedContainer();
      for (let time = 0; time < 2; time++) {
        assert.deepEqual(await streamed(world, pod.id), [pod.id]);
      }
    },
  ),
  contractCase(
    "streamPodSandboxStats",
    ["unknown"],
    "an unknown ID gives nothing",
    async (world) => {
      assert.deepEqual(await streamed(world, UNKNOWN_ID), []);
    },
  ),
  contractCase(
    "streamPodSandboxStats",
    ["invalid"],
    "what is no ID gives nothing",
    async (world) => {
      await world.sharedContainer();
      assert.deepEqual(await streamed(world, NO_ID), []);
    },
  ),
];

async function listed(world: World, id?: string): Promise<string[]> {
  const filter = id === undefined ? undefined : { id, labelSelector: {} };
  return (await world.runtime.listPodSandboxStats({ filter })).stats.map(idOf);
}

async function streamed(world: World, id: string): Promise<string[]> {
  const found: string[] = [];
  const filter = { id, labelSelector: {} };
  for await (const part of world.runtime.streamPodSandboxStats({ filter })) {
    found.push(...part.podSandboxStats.map(idOf));
  }
  return found;
}

function idOf(stats: { attributes: { id: string } | undefined }): string {
  return stats.attributes?.id ?? "";
}
