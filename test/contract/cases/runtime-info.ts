import assert from "node:assert/strict";
import { CgroupDriver } from "../../../src/cri/gen/runtime/v1/api.ts";
import { contractCase } from "../contract-case.ts";

export const runtimeInfoCases = [
  contractCase(
    "version",
    ["success"],
    "names the runtime, its version and its API version",
    async (world) => {
      const answer = await world.runtime.version({ version: "0.1.0" });
      assert.equal(answer.version, "0.1.0");
      for (const value of [answer.runtimeName, answer.runtimeVersion, answer.runtimeApiVersion]) {
        assert.notEqual(value, "");
      }
    },
  ),
  contractCase("version", ["repetition"], "answers the same when asked again", async (world) => {
    const first = await world.runtime.version({ version: "0.1.0" });
    assert.deepEqual(await world.runtime.version({ version: "0.1.0" }), first);
  }),
  contractCase("version", ["invalid"], "answers a request without a version", async (world) => {
    assert.notEqual((await world.runtime.version({ version: "" })).runtimeName, "");
  }),
  contractCase(
    "status",
    ["success"],
    "RuntimeReady and NetworkReady are both true",
    async (world) => {
      const { status } = await world.runtime.status({ verbose: false });
      const conditions = new Map(status?.conditions.map(({ type, status }) => [type, status]));
      assert.equal(conditions.get("RuntimeReady"), true);
      assert.equal(conditions.get("NetworkReady"), true);
    },
  ),
  contractCase("status", ["repetition"], "answers the same when asked again", async (world) => {
    const first = await world.runtime.status({ verbose: false });
    assert.deepEqual(await world.runtime.status({ verbose: false }), first);
  }),
  contractCase(
    "status",
    [],
    "has no info unless verbose, and has some when verbose",
    async (world) => {
      assert.deepEqual((await world.runtime.status({ verbose: false })).info, {});
      assert.notDeepEqual((await world.runtime.status({ verbose: true })).info, {});
    },
  ),
  contractCase("status", [], "lists a handler with the empty name and features", async (world) => {
    const { runtimeHandlers, features } = await world.runtime.status({ verbose: false });
    const handler = runtimeHandlers.find(({ name }) => name === "");
    assert.ok(handler?.features, "no handler with the empty name");
    const named = runtimeHandlers.find(({ name }) => name === "runc");
    assert.deepEqual(named?.features, handler.features);
    assert.ok(features, "no features");
  }),
  contractCase(
    "runtimeConfig",
    ["success", "repetition"],
    "tells the cgroup driver in use, the same each time",
    async (world) => {
      const first = await world.runtime.runtimeConfig({});
      assert.equal(first.linux?.cgroupDriver, CgroupDriver.CGROUPFS);
      assert.deepEqual(await world.runtime.runtimeConfig({}), first);
    },
  ),
  contractCase(
    "updateRuntimeConfig",
    ["repetition"],
    "takes an empty request, twice",
    async (world) => {
      assert.deepEqual(await world.runtime.updateRuntimeConfig({ runtimeConfig: undefined }), {});
      assert.deepEqual(await world.runtime.updateRuntimeConfig({ runtimeConfig: undefined }), {});
    },
  ),
  contractCase("updateRuntimeConfig", ["success"], "takes a pod CIDR", async (world) => {
    const runtimeConfig = { networkConfig: { podCidr: "10.1.2.0/24" } };
    assert.deepEqual(await world.runtime.updateRuntimeConfig({ runtimeConfig }), {});
  }),
  contractCase(
    "updateRuntimeConfig",
    ["invalid"],
    "a pod CIDR that is none is refused",
    async (world) => {
      for (const podCidr of ["10.1.2.0", "10.1.2.0/33", "10.1.2.0/24,pods"]) {
        const runtimeConfig = { networkConfig: { podCidr } };
        await world.refuses(
          world.runtime.updateRuntimeConfig({ runtimeConfig }),
          "InvalidArgument",
        );
      }
    },
  ),
];
