import assert from "node:assert/strict";
import { ContainerState } from "../../../src/cri/gen/runtime/v1/api.ts";
import { contractCase } from "../contract-case.ts";

const UNKNOWN_ID = "0123456789abcdef".repeat(4);

export const containerStartCases = [
  contractCase(
    "startContainer",
    ["success"],
    "leads to RUNNING with a time of start",
    async (world) => {
      const pod = await world.runPod();
      const id = await world.runContainer(pod);
      const status = await world.containerStatus(id);
      assert.equal(status.state, ContainerState.CONTAINER_RUNNING);
      assert.ok(status.startedAt >= status.createdAt);
      assert.equal(status.finishedAt, 0n);
      assert.equal(status.exitCode, 0);
    },
  ),
  contractCase(
    "startContainer",
    ["repetition"],
    "a running container is refused and runs on",
    async (world) => {
      const { id } = await world.sharedContainer();
      const call = world.runtime.startContainer({ containerId: id });
      await world.refuses(call, "FailedPrecondition");
      assert.equal((await world.containerStatus(id)).state, ContainerState.CONTAINER_RUNNING);
    },
  ),
  contractCase(
    "startContainer",
    ["repetition"],
    "a container that has exited is refused",
    async (world) => {
      const pod = await world.runPod();
      const id = await world.runContainer(pod, { command: ["true"] });
      await world.waitForExit(id);
      const call = world.runtime.startContainer({ containerId: id });
      await world.refuses(call, "FailedPrecondition");
    },
  ),
  contractCase(
    "startContainer",
    ["unknown"],
    "an unknown container is not found",
    async (world) => {
      const call = world.runtime.startContainer({ containerId: UNKNOWN_ID });
      await world.refuses(call, "NotFound");
    },
  ),
  contractCase("startContainer", ["invalid"], "an empty ID is refused", async (world) => {
    const call = world.runtime.startContainer({ containerId: "" });
    await world.refuses(call, "InvalidArgument", "NotFound");
  }),
  contractCase(
    "startContainer",
    [],
    "a program that is not there fails, and the container has EXITED",
    async (world) => {
      const pod = await world.runPod();
      const request = world.containerRequest(pod, { command: ["/no/such/program"] });
      let id = "";
      // whether create or start finds out is the runtime's choice
      await assert.rejects(async () => {
        id = (await world.runtime.createContainer(request)).containerId;
        await world.runtime.startContainer({ containerId: id });
      }, /no such|not found|stat|program/i);
      if (id === "") return;
      const status = await world.containerStatus(id);
      assert.equal(status.state, ContainerState.CONTAINER_EXITED);
      assert.notEqual(status.exitCode, 0);
    },
  ),
  contractCase(
    "startContainer",
    [],
    "the exit code, its reason and its time are kept",
    async (world) => {
      const pod = await world.runPod();
      const failed = await world.runToEnd(pod, "sleep 0.2; exit 3");
      assert.equal(failed.status.exitCode, 3);
      assert.equal(failed.status.reason, "Error");
      assert.ok(failed.status.finishedAt >= failed.status.startedAt);
      const completed = await world.runToEnd(pod, "true");
      assert.equal(completed.status.exitCode, 0);
      assert.equal(completed.status.reason, "Completed");
    },
  ),
];
