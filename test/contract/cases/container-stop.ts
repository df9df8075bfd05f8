import assert from "node:assert/strict";
import { ContainerState } from "../../../src/cri/gen/runtime/v1/api.ts";
import { contractCase } from "../contract-case.ts";
import type { World } from "../world.ts";

const UNKNOWN_ID = "0123456789abcdef".repeat(4);
/** Ends on TERM with a status of its own, and says when it is ready to. */
const OBEDIENT = ["sh", "-c", "trap 'exit 5' TERM; echo ready; while :; do sleep 0.1; done"];
const STUBBORN = ["sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.1; done"];

export const containerStopCases = [
  contractCase(
    "stopContainer",
    ["success"],
    "asks with TERM and returns as soon as the process ends",
    async (world) => {
      const id = await running(world, OBEDIENT);
      // A case that waited for the whole grace would not end in time.
      await world.runtime.stopContainer({ containerId: id, timeout: 600n });
      const status = await world.containerStatus(id);
      assert.equal(status.state, ContainerState.CONTAINER_EXITED);
      assert.equal(status.exitCode, 5);
    },
  ),
  contractCase("stopContainer", [], "kills when the grace is over", async (world) => {
    const id = await running(world, STUBBORN);
    const started = Date.now();
    await world.runtime.stopContainer({ containerId: id, timeout: 1n });
    assert.ok(Date.now() - started >= 900, "killed before its time");
    assert.equal((await world.containerStatus(id)).exitCode, 137);
  }),
  contractCase("stopContainer", [], "kills at once without a grace", async (world) => {
    const id = await running(world, STUBBORN);
    await world.runtime.stopContainer({ containerId: id, timeout: 0n });
    const status = await world.containerStatus(id);
    assert.equal(status.state, ContainerState.CONTAINER_EXITED);
    assert.equal(status.exitCode, 137);
  }),
  contractCase(
    "stopContainer",
    ["repetition"],
    "a stopped container again is not an error",
    async (world) => {
      const id = await running(world, OBEDIENT);
      await world.runtime.stopContainer({ containerId: id, timeout: 10n });
      await world.runtime.stopContainer({ containerId: id, timeout: 10n });
      assert.equal((await world.containerStatus(id)).exitCode, 5);
    },
  ),
  contractCase(
    "stopContainer",
    ["unknown"],
    "an unknown container is not an error",
    async (world) => {
      await world.runtime.stopContainer({ containerId: UNKNOWN_ID, timeout: 0n });
    },
  ),
  contractCase("stopContainer", ["invalid"], "an empty ID is refused", async (world) => {
    const call = world.runtime.stopContainer({ containerId: "", timeout: 0n });
    await world.refuses(call, "InvalidArgument");
  }),
  contractCase(
    "removeContainer",
    ["success"],
    "works on a created, never started container",
    async (world) => {
      const pod = await world.runPod();
      await removed(world, await world.createContainer(pod));
    },
  ),
  contractCase("removeContainer", ["success"], "works on a running container", async (world) => {
    await removed(world, await running(world, STUBBORN));
  }),
  contractCase(
    "removeContainer",
    ["success", "repetition"],
    "works on a stopped container, twice",
    async (world) => {
      const id = await running(world, OBEDIENT);
      await world.runtime.stopContainer({ containerId: id, timeout: 10n });
      await removed(world, id);
      await removed(world, id);
    },
  ),
  contractCase(
    "removeContainer",
    ["unknown"],
    "an unknown container is not an error",
    async (world) => {
      await world.runtime.removeContainer({ containerId: UNKNOWN_ID });
    },
  ),
  contractCase("removeContainer", ["invalid"], "an empty ID is refused", async (world) => {
    await world.refuses(world.runtime.removeContainer({ containerId: "" }), "InvalidArgument");
  }),
];

async function running(world: World, command: string[]): Promise<string> {
  const { readFile } = await import("node:fs/promises");
  const { waitUntil } = await import("../../support/wait-until.ts");
  const pod = await world.runPod();
  const id = await world.runContainer(pod, { command });
  const { logPath } = await world.containerStatus(id);
  await waitUntil("it is ready", async () => (await readFile(logPath, "utf8")).includes("ready"));
  return id;
}

async function removed(world: World, id: string): Promise<void> {
  await world.runtime.removeContainer({ containerId: id });
  const filter = { id, state: undefined, podSandboxId: "", labelSelector: {} };
  assert.deepEqual((await world.runtime.listContainers({ filter })).containers, []);
  const call = world.runtime.containerStatus({ containerId: id, verbose: false });
  await world.refuses(call, "NotFound");
}
