import assert from "node:assert/strict";
import { ContainerEventType } from "../../../src/cri/gen/runtime/v1/api.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { contractCase } from "../contract-case.ts";
import type { World } from "../world.ts";

const UNKNOWN_ID = "0123456789abcdef".repeat(4);

export const laterCases = [
  contractCase(
    "getContainerEvents",
    ["success"],
    "tells what happens to a container, in order",
    async (world) => {
      const pod = await world.runPod();
      const { seen, next, stop } = watch(world);
      // nothing but an event tells that the watch is on
      await waitUntil("the watch is on", async () => {
        await world.createContainer(pod);
        return seen.length > 0;
      });
      const containerId = await world.createContainer(pod);
      await next(containerId, ContainerEventType.CONTAINER_CREATED_EVENT);
      await world.runtime.startContainer({ containerId });
      await next(containerId, ContainerEventType.CONTAINER_STARTED_EVENT);
      await world.runtime.stopContainer({ containerId, timeout: 0n });
      await next(containerId, ContainerEventType.CONTAINER_STOPPED_EVENT);
      await world.runtime.removeContainer({ containerId });
      await next(containerId, ContainerEventType.CONTAINER_DELETED_EVENT);
      await stop();
      assert.equal(seen.filter(({ id }) => id === containerId).length, 4);
    },
  ),
  contractCase(
    "getContainerEvents",
    ["repetition"],
    "each of two watches is told all, and one goes on without the other",
    async (world) => {
      const pod = await world.runPod();
      const [first, second] = [watch(world), watch(world)];
      await waitUntil("both watches are on", async () => {
        await world.createContainer(pod);
        return first.seen.length > 0 && second.seen.length > 0;
      });
      const containerId = await world.createContainer(pod);
      await first.next(containerId, ContainerEventType.CONTAINER_CREATED_EVENT);
      await second.next(containerId, ContainerEventType.CONTAINER_CREATED_EVENT);
      await first.stop();
      await world.runtime.removeContainer({ containerId });
      await second.next(containerId, ContainerEventType.CONTAINER_DELETED_EVENT);
      await second.stop();
    },
  ),
  contractCase(
    "getContainerEvents",
    [],
    "tells what happens to a pod, under its own ID",
    async (world) => {
      const { seen, next, stop } = watch(world);
      await waitUntil("the watch is on", async () => {
        await world.runPod();
        return seen.length > 0;
      });
      const { id: podSandboxId } = await world.runPod();
      await next(podSandboxId, ContainerEventType.CONTAINER_CREATED_EVENT);
      await next(podSandboxId, ContainerEventType.CONTAINER_STARTED_EVENT);
      await world.runtime.stopPodSandbox({ podSandboxId });
      await next(podSandboxId, ContainerEventType.CONTAINER_STOPPED_EVENT);
      await world.runtime.removePodSandbox({ podSandboxId });
      await next(podSandboxId, ContainerEventType.CONTAINER_DELETED_EVENT);
      await stop();
      assert.equal(seen.filter(({ id }) => id === podSandboxId).length, 4);
    },
  ),
  contractCase(
    "checkpointContainer",
    ["unknown"],
    "an unknown container is not found",
    async (world) => {
      await world.refuses(checkpoint(world, UNKNOWN_ID, "/tmp/none.tar"), "NotFound");
    },
  ),
  contractCase(
    "checkpointContainer",
    ["invalid"],
    "an empty ID and a place that no archive can have are refused",
    async (world) => {
      const { id } = await world.sharedContainer();
      await world.refuses(checkpoint(world, "", "/tmp/none.tar"), "InvalidArgument", "NotFound");
      for (const location of ["", "relative.tar", "/tmp", "/nonexistent/a.tar"]) {
        await world.refuses(checkpoint(world, id, location), "InvalidArgument");
      }
    },
  ),
  contractCase("checkpointContainer", [], "what does not run is refused", async (world) => {
    const pod = await world.runPod();
    const id = await world.createContainer(pod);
    await world.refuses(checkpoint(world, id, "/tmp/none.tar"), "FailedPrecondition");
  }),
];

function checkpoint(world: World, containerId: string, location: string) {
  return world.runtime.checkpointContainer({ containerId, location, timeout: 10n });
}

/** Collects events until it is stopped, at the latest with the case. */
function watch(world: World) {
  const abort = new AbortController();
  const seen: { id: string; type: number }[] = [];
  const watching = (async () => {
    const events = world.runtime.getContainerEvents({}, { signal: abort.signal });
    for await (const { containerId: id, containerEventType: type } of events) {
      seen.push({ id, type });
    }
  })().catch(() => {});
  const stop = async (): Promise<void> => {
    abort.abort();
    await watching;
  };
  world.cleanup.add("end the watch", stop);
  return {
    seen,
    stop,
    next: (id: string, type: number) =>
      waitUntil(`event ${type} arrives`, () =>
        seen.some((event) => event.id === id && event.type === type),
      ),
  };
}
