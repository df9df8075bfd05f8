import assert from "node:assert/strict";
import { ContainerEventType } from "../../../src/cri/gen/runtime/v1/api.ts";
import { contractCase } from "../contract-case.ts";

const UNKNOWN_ID = "0123456789abcdef".repeat(4);

export const laterCases = [
  contractCase(
    "getContainerEvents",
    "tells what happens to a container, in order",
    async (world) => {
      const abort = new AbortController();
      const pod = await world.runPod();
      const id = await world.createContainer(pod);
      const seen: number[] = [];
      const watching = (async () => {
        const events = world.runtime.getContainerEvents({}, { signal: abort.signal });
        for await (const event of events) {
          if (event.containerId !== id) continue;
          seen.push(event.containerEventType);
          if (event.containerEventType === ContainerEventType.CONTAINER_DELETED_EVENT) return;
        }
      })();
      await world.runtime.startContainer({ containerId: id });
      await world.runtime.stopContainer({ containerId: id, timeout: 0n });
      await world.runtime.removeContainer({ containerId: id });
      await watching;
      abort.abort();
      assert.ok(seen.includes(ContainerEventType.CONTAINER_STARTED_EVENT));
      assert.ok(seen.includes(ContainerEventType.CONTAINER_STOPPED_EVENT));
    },
  ),
  contractCase("listMetricDescriptors", "names metrics, each with a help text", async (world) => {
    const { descriptors } = await world.runtime.listMetricDescriptors({});
    assert.ok(descriptors.length > 0);
    for (const { name, help } of descriptors) assert.ok(name !== "" && help !== "", name);
  }),
  contractCase("listPodSandboxMetrics", "has values for a running pod", async (world) => {
    const { pod } = await world.sharedContainer();
    const { podMetrics } = await world.runtime.listPodSandboxMetrics({});
    assert.ok(podMetrics.some(({ podSandboxId }) => podSandboxId === pod.id));
  }),
  contractCase("streamPodSandboxMetrics", "has values for a running pod", async (world) => {
    const { pod } = await world.sharedContainer();
    const found: string[] = [];
    for await (const part of world.runtime.streamPodSandboxMetrics({})) {
      found.push(...part.podSandboxMetrics.map(({ podSandboxId }) => podSandboxId));
    }
    assert.ok(found.includes(pod.id));
  }),
  contractCase("updatePodSandboxResources", "an unknown pod is not found", async (world) => {
    const request = { podSandboxId: UNKNOWN_ID, overhead: undefined, resources: undefined };
    await world.refuses(world.runtime.updatePodSandboxResources(request), "NotFound");
  }),
  contractCase("checkpointContainer", "an unknown container is not found", async (world) => {
    const request = { containerId: UNKNOWN_ID, location: "/tmp/none.tar", timeout: 1n };
    await world.refuses(world.runtime.checkpointContainer(request), "NotFound");
  }),
];
