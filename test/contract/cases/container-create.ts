import assert from "node:assert/strict";
import { join } from "node:path";
import { createMessage } from "../../../src/cri/create-message.ts";
import { ContainerState, ImageSpec } from "../../../src/cri/gen/runtime/v1/api.ts";
import { contractCase } from "../contract-case.ts";

const UNKNOWN_ID = "0123456789abcdef".repeat(4);

export const containerCreateCases = [
  contractCase(
    "createContainer",
    ["success"],
    "gives a CREATED container with what was asked for",
    async (world) => {
      const { pod } = await world.sharedContainer();
      const labels = { "io.kubernetes.container.name": "web", app: "web" };
      const annotations = { note: "x y" };
      const metadata = { name: "web-created", attempt: 3 };
      const fields = { labels, annotations, metadata, logPath: "web/3.log" };
      const id = await world.createContainer(pod, fields);
      world.cleanup.add("remove it", () => remove(id));
      const status = await world.containerStatus(id);
      assert.match(id, /^[0-9a-f]{64}$/);
      assert.equal(status.state, ContainerState.CONTAINER_CREATED);
      assert.deepEqual(status.metadata, metadata);
      assert.deepEqual(status.labels, labels);
      assert.deepEqual(status.annotations, annotations);
      assert.equal(status.logPath, join(pod.config.logDirectory, "web/3.log"));
      assert.ok(status.createdAt > 0n);
      assert.equal(status.startedAt, 0n);
      assert.equal(status.finishedAt, 0n);
      async function remove(containerId: string): Promise<void> {
        await world.runtime.removeContainer({ containerId });
      }
    },
  ),
  contractCase(
    "createContainer",
    [],
    "names the image as asked for and by its ID",
    async (world) => {
      const { id } = await world.sharedContainer();
      const status = await world.containerStatus(id);
      assert.equal(status.image?.image, world.target.images.busybox);
      const { busyboxId, busyboxDigest } = world.target.images;
      assert.ok([busyboxId, busyboxDigest].includes(status.imageRef), status.imageRef);
    },
  ),
  contractCase(
    "createContainer",
    [],
    "ContainerStatus and the list bear the image ID",
    async (world) => {
      const { id } = await world.sharedContainer();
      const { busyboxId } = world.target.images;
      assert.equal((await world.containerStatus(id)).imageId, busyboxId);
      const filter = { id, state: undefined, podSandboxId: "", labelSelector: {} };
      const { containers } = await world.runtime.listContainers({ filter });
      assert.equal(containers[0]?.imageId, busyboxId);
    },
  ),
  contractCase(
    "createContainer",
    [],
    "takes an image by its ID and by its digest",
    async (world) => {
      const pod = await world.runPod();
      for (const image of [world.target.images.busyboxId, world.target.images.busyboxDigest]) {
        await world.createContainer(pod, { image: createMessage(ImageSpec, { image }) });
      }
    },
  ),
  contractCase(
    "createContainer",
    ["repetition"],
    "the same name and attempt again is refused",
    async (world) => {
      const pod = await world.runPod();
      const request = world.containerRequest(pod);
      await world.runtime.createContainer(request);
      await world.refuses(world.runtime.createContainer(request), "AlreadyExists");
      const metadata = { name: request.config?.metadata?.name ?? "", attempt: 1 };
      await world.createContainer(pod, { metadata });
    },
  ),
  contractCase("createContainer", ["unknown"], "an unknown pod is not found", async (world) => {
    const { pod } = await world.sharedContainer();
    const request = { ...world.containerRequest(pod), podSandboxId: UNKNOWN_ID };
    await world.refuses(world.runtime.createContainer(request), "NotFound");
  }),
  contractCase(
    "createContainer",
    ["unknown"],
    "an unknown image is not found and leaves nothing",
    async (world) => {
      const pod = await world.runPod();
      const image = createMessage(ImageSpec, { image: `${world.target.registry.host}/t/none:1` });
      const call = world.runtime.createContainer(world.containerRequest(pod, { image }));
      await world.refuses(call, "NotFound");
      const filter = { id: "", state: undefined, podSandboxId: pod.id, labelSelector: {} };
      assert.deepEqual((await world.runtime.listContainers({ filter })).containers, []);
    },
  ),
  contractCase(
    "createContainer",
    ["invalid"],
    "a request without a configuration is refused",
    async (world) => {
      const { pod } = await world.sharedContainer();
      const request = { ...world.containerRequest(pod), config: undefined };
      await world.refuses(world.runtime.createContainer(request), "InvalidArgument");
    },
  ),
  contractCase(
    "createContainer",
    ["invalid"],
    "a configuration without metadata is refused",
    async (world) => {
      const { pod } = await world.sharedContainer();
      const request = world.containerRequest(pod, { metadata: undefined });
      await world.refuses(world.runtime.createContainer(request), "InvalidArgument");
    },
  ),
  contractCase("createContainer", [], "a stopped pod takes no container", async (world) => {
    const pod = await world.runPod();
    await world.runtime.stopPodSandbox({ podSandboxId: pod.id });
    const call = world.runtime.createContainer(world.containerRequest(pod));
    await world.refuses(call, "FailedPrecondition");
  }),
];
