import assert from "node:assert/strict";
import { it } from "node:test";
import { IMAGE_METHODS, RUNTIME_METHODS } from "../../src/cri/methods.ts";
import { ALL_CASES } from "./cases-for.ts";
import { CONTAINERD_DEVIATIONS } from "./containerd-deviations.ts";
import { CASE_KINDS } from "./contract-case.ts";
import type { Rpc } from "./contract-target.ts";
import { KIND_EXEMPTIONS } from "./kind-exemptions.ts";

const RPCS = [...Object.keys(RUNTIME_METHODS), ...Object.keys(IMAGE_METHODS)] as Rpc[];

it("the contract suite has a case for every RPC", () => {
  const tested = new Set<string>(ALL_CASES.map(({ rpc }) => rpc));
  assert.deepEqual(
    RPCS.filter((rpc) => !tested.has(rpc)),
    [],
  );
});

it("every RPC has success, repetition, unknown ID and invalid request, but for the exemptions", () => {
  const missing = RPCS.map((rpc) => [rpc, missingKinds(rpc)] as const);
  assert.deepEqual(
    Object.fromEntries(missing.filter(([, kinds]) => kinds.length > 0)),
    Object.fromEntries(
      Object.entries(KIND_EXEMPTIONS).map(([rpc, exemption]) => [rpc, exemption.kinds]),
    ),
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

function missingKinds(rpc: Rpc): string[] {
  const cases = ALL_CASES.filter((contractCase) => contractCase.rpc === rpc);
  return CASE_KINDS.filter((kind) => !cases.some(({ kinds }) => kinds.includes(kind)));
}
