import assert from "node:assert/strict";
import { it } from "node:test";
import { IMAGE_METHODS, RUNTIME_METHODS } from "../../src/cri/methods.ts";
import { ALL_CASES } from "./cases-for.ts";
import { CONTAINERD_DEVIATIONS } from "./containerd-deviations.ts";

it("the contract suite has a case for every RPC", () => {
  const tested = new Set<string>(ALL_CASES.map(({ rpc }) => rpc));
  const rpcs = [...Object.keys(RUNTIME_METHODS), ...Object.keys(IMAGE_METHODS)];
  assert.deepEqual(
    rpcs.filter((rpc) => !tested.has(rpc)),
    [],
  );
});

it("no two cases have the same title", () => {
  const titles = ALL_CASES.map(({ title }) => title);
  assert.deepEqual(
    titles.filter((title, index) => titles.indexOf(title) !== index),
    [],
  );
});

it("every deviation names a case", () => {
  const titles = new Set(ALL_CASES.map(({ title }) => title));
  assert.deepEqual(
    Object.keys(CONTAINERD_DEVIATIONS).filter((title) => !titles.has(title)),
    [],
  );
});
