import assert from "node:assert/strict";
import { createMessage } from "../../../src/cri/create-message.ts";
import { LinuxContainerResources } from "../../../src/cri/gen/runtime/v1/api.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { contractCase } from "../contract-case.ts";
import { containerLinux, type World } from "../world.ts";

const UNKNOWN_ID = "0123456789abcdef".repeat(4);
const MIB = 1_048_576n;

export const limitCases = [
  contractCase(
    "createContainer",
    [],
    "memory and CPU limits are in the container's cgroup",
    async (world) => {
      const pod = await world.runPod();
      const id = await world.runContainer(pod, {
        linux: containerLinux({}, { resources: limits() }),
      });
      assert.equal(await memoryLimit(world, id), 64n * MIB);
      assert.equal(await cpuShares(world, id), 512n);
    },
  ),
  contractCase(
    "createContainer",
    [],
    "a process that exceeds its memory ends as OOMKilled, 137",
    async (world) => {
      const pod = await world.runPod();
      const resources = createMessage(LinuxContainerResources, {
        memoryLimitInBytes: 64n * MIB,
        memorySwapLimitInBytes: 64n * MIB,
      });
      const dd = "exec dd if=/dev/zero of=/dev/null bs=80M";
      const id = await world.runContainer(pod, {
        command: ["sh", "-c", `while [ ! -e /go ]; do sleep 0.1; done; ${dd}`],
        linux: containerLinux({}, { resources }),
      });
      // containerd looks out for it only once the container has started.
      await world.shell(id, "touch /go");
      assert.equal((await world.waitForExit(id)).exitCode, 137);
      // containerd is told of the end and of the lack of memory apart, in either order.
      await waitUntil(
        "the reason is known",
        async () => (await world.containerStatus(id)).reason === "OOMKilled",
      );
    },
  ),
  contractCase(
    "updateContainerResources",
    ["success", "repetition"],
    "changes the limits of a running container, twice",
    async (world) => {
      const pod = await world.runPod();
      const id = await world.runContainer(pod, {
        linux: containerLinux({}, { resources: limits() }),
      });
      for (const memory of [96n * MIB, 80n * MIB]) {
        const linux = createMessage(LinuxContainerResources, {
          memoryLimitInBytes: memory,
          cpuShares: 256n,
        });
        await update(world, id, linux);
        assert.equal(await memoryLimit(world, id), memory);
        assert.equal(await cpuShares(world, id), 256n);
      }
    },
  ),
  contractCase(
    "updateContainerResources",
    ["unknown"],
    "an unknown container is not found",
    async (world) => {
      const linux = createMessage(LinuxContainerResources, { cpuShares: 256n });
      await world.refuses(update(world, UNKNOWN_ID, linux), "NotFound");
    },
  ),
  contractCase("updateContainerResources", ["invalid"], "an empty ID is refused", async (world) => {
    const linux = createMessage(LinuxContainerResources, { cpuShares: 256n });
    await world.refuses(update(world, "", linux), "InvalidArgument", "NotFound");
  }),
  contractCase(
    "updateContainerResources",
    [],
    "a container that has exited is refused",
    async (world) => {
      const pod = await world.runPod();
      const id = await world.runContainer(pod, { command: ["true"] });
      await world.waitForExit(id);
      const linux = createMessage(LinuxContainerResources, { cpuShares: 256n });
      await world.refuses(update(world, id, linux), "FailedPrecondition");
    },
  ),
  contractCase(
    "updateContainerResources",
    [],
    "a change of which the kernel refuses a part changes nothing",
    async (world) => {
      const pod = await world.runPod();
      const id = await world.runContainer(pod, {
        linux: containerLinux({}, { resources: limits() }),
      });
      const linux = createMessage(LinuxContainerResources, {
        memoryLimitInBytes: 96n * MIB,
        cpusetCpus: "4000",
      });
      await assert.rejects(update(world, id, linux));
      assert.equal(await memoryLimit(world, id), 64n * MIB);
    },
  ),
  contractCase(
    "updatePodSandboxResources",
    ["success", "repetition"],
    "changes the limits of the pod's cgroup, twice",
    async (world) => {
      const pod = await world.runPod();
      const id = await world.runContainer(pod);
      for (const memory of [96n * MIB, 80n * MIB]) {
        await updatePod(world, pod.id, memory);
        assert.equal(await podMemoryLimit(world, id), memory);
        const { info } = await world.runtime.podSandboxStatus({
          podSandboxId: pod.id,
          verbose: true,
        });
        assert.match(info.info ?? "", new RegExp(`"memoryLimitInBytes":"${memory}"`));
      }
    },
  ),
  contractCase(
    "updatePodSandboxResources",
    ["unknown"],
    "an unknown pod is not found",
    async (world) => {
      await world.refuses(updatePod(world, UNKNOWN_ID, 96n * MIB), "NotFound");
    },
  ),
  contractCase(
    "updatePodSandboxResources",
    ["invalid"],
    "an empty ID is refused",
    async (world) => {
      await world.refuses(updatePod(world, "", 96n * MIB), "InvalidArgument", "NotFound");
    },
  ),
];

function limits(): LinuxContainerResources {
  return createMessage(LinuxContainerResources, {
    memoryLimitInBytes: 64n * MIB,
    cpuShares: 512n,
    cpuPeriod: 100_000n,
    cpuQuota: 50_000n,
  });
}

function update(world: World, containerId: string, linux: LinuxContainerResources) {
  const request = { containerId, linux, windows: undefined, annotations: {} };
  return world.runtime.updateContainerResources(request);
}

function updatePod(world: World, podSandboxId: string, memoryLimitInBytes: bigint) {
  const resources = createMessage(LinuxContainerResources, { memoryLimitInBytes });
  const request = { podSandboxId, overhead: undefined, resources };
  return world.runtime.updatePodSandboxResources(request);
}

/** From the process's own cgroup, as its host sees it: v1 or v2. */
async function memoryLimit(world: World, id: string): Promise<bigint> {
  return BigInt(await cgroupFile(world, id, "memory", "memory.limit_in_bytes", "memory.max"));
}

/** The container's cgroup lies in its pod's. */
async function podMemoryLimit(world: World, id: string): Promise<bigint> {
  return BigInt(await cgroupFile(world, id, "memory", "../memory.limit_in_bytes", "../memory.max"));
}

async function cpuShares(world: World, id: string): Promise<bigint> {
  return BigInt(await cgroupFile(world, id, "cpu", "cpu.shares", "cpu.weight"));
}

async function cgroupFile(
  world: World,
  id: string,
  controller: string,
  name: string,
  unifiedName: string,
): Promise<string> {
  const { readFile } = await import("node:fs/promises");
  const { info } = await world.runtime.containerStatus({ containerId: id, verbose: true });
  const { pid } = JSON.parse(info.info ?? "{}");
  const lines = (await readFile(`/proc/${pid}/cgroup`, "utf8")).split("\n");
  const line = lines.find((text) => text.split(":")[1]?.split(",").includes(controller));
  const path = line?.split(":")[2];
  if (path !== undefined) {
    return (await readFile(`/sys/fs/cgroup/${controller}${path}/${name}`, "utf8")).trim();
  }
  const unified = lines.find((text) => text.startsWith("0::"))?.slice("0::".length);
  return (await readFile(`/sys/fs/cgroup${unified}/${unifiedName}`, "utf8")).trim();
}
