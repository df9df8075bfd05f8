import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import {
  ContainerState,
  NamespaceMode,
  PodSandboxState,
} from "../../../src/cri/gen/runtime/v1/api.ts";
import { contractCase } from "../contract-case.ts";
import { podLinux, type World } from "../world.ts";

const UNKNOWN_ID = "0123456789abcdef".repeat(4);

export const sandboxCases = [
  contractCase(
    "runPodSandbox",
    ["success"],
    "gives a pod that is READY and has an address",
    async (world) => {
      const before = BigInt(Date.now()) * 1_000_000n;
      const pod = await world.runPod();
      const status = await world.podStatus(pod.id);
      assert.match(pod.id, /^[0-9a-f]{64}$/);
      assert.equal(status.id, pod.id);
      assert.equal(status.state, PodSandboxState.SANDBOX_READY);
      assert.match(status.network?.ip ?? "", /^10\./);
      assert.ok(status.createdAt >= before - 1_000_000_000n, "created before it was asked for");
      assert.equal(status.runtimeHandler, "");
    },
  ),
  contractCase("runPodSandbox", [], "keeps metadata, labels and annotations", async (world) => {
    const labels = { app: "web", "io.kubernetes.pod.name": "web-0" };
    const annotations = { "example.com/note": "über\n", empty: "" };
    const pod = await world.runPod({ labels, annotations });
    const status = await world.podStatus(pod.id);
    assert.deepEqual(status.metadata, pod.config.metadata);
    assert.deepEqual(status.labels, labels);
    assert.deepEqual(status.annotations, annotations);
    const { items } = await list(world, pod.id);
    assert.deepEqual(items[0]?.metadata, pod.config.metadata);
    assert.deepEqual(items[0]?.labels, labels);
    assert.deepEqual(items[0]?.annotations, annotations);
  }),
  contractCase("runPodSandbox", [], "tells its namespace modes", async (world) => {
    const pod = await world.runPod({ linux: podLinux({ network: NamespaceMode.NODE }) });
    const options = (await world.podStatus(pod.id)).linux?.namespaces?.options;
    assert.equal(options?.network, NamespaceMode.NODE);
    assert.equal(options?.pid, NamespaceMode.CONTAINER);
    assert.equal(options?.ipc, NamespaceMode.POD);
  }),
  contractCase("runPodSandbox", [], "takes the default handler by its name", async (world) => {
    const pod = await world.runPod({}, "runc");
    assert.equal((await world.podStatus(pod.id)).runtimeHandler, "runc");
    assert.equal((await list(world, pod.id)).items[0]?.runtimeHandler, "runc");
    const id = await world.runContainer(pod);
    assert.equal((await world.containerStatus(id)).state, ContainerState.CONTAINER_RUNNING);
  }),
  contractCase(
    "runPodSandbox",
    ["repetition"],
    "the same metadata again is refused",
    async (world) => {
      const pod = await world.runPod();
      const again = world.runtime.runPodSandbox({ config: pod.config, runtimeHandler: "" });
      await world.refuses(again, "AlreadyExists");
      assert.equal((await world.podStatus(pod.id)).state, PodSandboxState.SANDBOX_READY);
    },
  ),
  contractCase("runPodSandbox", [], "the next attempt of a pod is another pod", async (world) => {
    const first = await world.runPod();
    await world.runtime.stopPodSandbox({ podSandboxId: first.id });
    const { metadata } = first.config;
    assert.ok(metadata);
    const second = await world.runPod({ metadata: { ...metadata, attempt: 1 } });
    assert.notEqual(second.id, first.id);
  }),
  contractCase(
    "runPodSandbox",
    ["invalid"],
    "a request without a configuration is refused",
    async (world) => {
      const call = world.runtime.runPodSandbox({ config: undefined, runtimeHandler: "" });
      await world.refuses(call, "InvalidArgument");
    },
  ),
  contractCase(
    "runPodSandbox",
    ["invalid"],
    "a configuration without metadata is refused",
    async (world) => {
      const config = world.podConfig({ metadata: undefined });
      await world.refuses(
        world.runtime.runPodSandbox({ config, runtimeHandler: "" }),
        "InvalidArgument",
      );
    },
  ),
  contractCase(
    "runPodSandbox",
    ["unknown"],
    "an unknown runtime handler is refused and leaves no pod",
    async (world) => {
      const config = world.podConfig();
      const call = world.runtime.runPodSandbox({ config, runtimeHandler: "no-such-handler" });
      await world.refuses(call, "InvalidArgument", "NotFound");
      await isNotListed(world, config.metadata?.name);
    },
  ),
  contractCase(
    "runPodSandbox",
    [],
    "a failed one leaves no pod, and its name can be used",
    async (world) => {
      const config = world.podConfig();
      await mkdir(config.logDirectory, { recursive: true });
      const invalid = { ...config, hostname: "x".repeat(200) };
      const call = world.runtime.runPodSandbox({ config: invalid, runtimeHandler: "" });
      await world.refuses(call, "InvalidArgument");
      await isNotListed(world, config.metadata?.name);
      await world.runPod(config);
    },
  ),
  contractCase(
    "stopPodSandbox",
    ["success", "repetition"],
    "gives NOTREADY, keeps the pod listed, twice",
    async (world) => {
      const pod = await world.runPod();
      for (let time = 0; time < 2; time++) {
        await world.runtime.stopPodSandbox({ podSandboxId: pod.id });
        const status = await world.podStatus(pod.id);
        assert.equal(status.state, PodSandboxState.SANDBOX_NOTREADY);
        assert.equal((await list(world, pod.id)).items.length, 1);
      }
    },
  ),
  contractCase("stopPodSandbox", [], "ends the pod's containers", async (world) => {
    const pod = await world.runPod();
    const id = await world.runContainer(pod);
    await world.runtime.stopPodSandbox({ podSandboxId: pod.id });
    assert.equal((await world.containerStatus(id)).state, ContainerState.CONTAINER_EXITED);
  }),
  contractCase("stopPodSandbox", ["unknown"], "an unknown pod is not an error", async (world) => {
    await world.runtime.stopPodSandbox({ podSandboxId: UNKNOWN_ID });
  }),
  contractCase("stopPodSandbox", ["invalid"], "an empty ID is refused", async (world) => {
    await world.refuses(world.runtime.stopPodSandbox({ podSandboxId: "" }), "InvalidArgument");
  }),
  contractCase(
    "removePodSandbox",
    ["success", "repetition"],
    "a stopped pod is listed no more, twice",
    async (world) => {
      const pod = await world.runPod();
      await world.runtime.stopPodSandbox({ podSandboxId: pod.id });
      for (let time = 0; time < 2; time++) {
        await world.runtime.removePodSandbox({ podSandboxId: pod.id });
        assert.deepEqual((await list(world, pod.id)).items, []);
      }
      const podSandboxId = pod.id;
      await world.refuses(
        world.runtime.podSandboxStatus({ podSandboxId, verbose: false }),
        "NotFound",
      );
    },
  ),
  contractCase(
    "removePodSandbox",
    [],
    "a running pod goes with its running container",
    async (world) => {
      const pod = await world.runPod();
      const id = await world.runContainer(pod);
      await world.runtime.removePodSandbox({ podSandboxId: pod.id });
      assert.deepEqual((await list(world, pod.id)).items, []);
      const call = world.runtime.containerStatus({ containerId: id, verbose: false });
      await world.refuses(call, "NotFound");
    },
  ),
  contractCase("removePodSandbox", ["unknown"], "an unknown pod is not an error", async (world) => {
    await world.runtime.removePodSandbox({ podSandboxId: UNKNOWN_ID });
  }),
  contractCase("removePodSandbox", ["invalid"], "an empty ID is refused", async (world) => {
    await world.refuses(world.runtime.removePodSandbox({ podSandboxId: "" }), "InvalidArgument");
  }),
  contractCase(
    "removePodSandbox",
    [],
    "the name of a removed pod can be used again",
    async (world) => {
      const pod = await world.runPod();
      await world.runtime.removePodSandbox({ podSandboxId: pod.id });
      const again = await world.runPod(pod.config);
      assert.notEqual(again.id, pod.id);
    },
  ),
];

function list(world: World, id: string) {
  return world.runtime.listPodSandbox({ filter: { id, state: undefined, labelSelector: {} } });
}

async function isNotListed(world: World, name: string | undefined): Promise<void> {
  const { items } = await world.runtime.listPodSandbox({ filter: undefined });
  assert.ok(!items.some(({ metadata }) => metadata?.name === name), "the pod is listed");
}
