import type { ImageMethod, RuntimeMethod } from "../../src/cri/methods.ts";
import type { CaseKind } from "./contract-case.ts";

interface Exemption {
  readonly kinds: readonly CaseKind[];
  /** Why there can be no such case. */
  readonly reason: string;
}

const NO_FIELDS: Exemption = { kinds: ["unknown", "invalid"], reason: "its request has no fields" };

/** RPCs for which a kind of case makes no sense. */
export const KIND_EXEMPTIONS: Readonly<Partial<Record<RuntimeMethod | ImageMethod, Exemption>>> = {
  version: { kinds: ["unknown"], reason: "it names no object" },
  status: { kinds: ["unknown", "invalid"], reason: "the one field of its request is a flag" },
  updateRuntimeConfig: { kinds: ["unknown"], reason: "it names no object" },
  checkpointContainer: {
    kinds: ["success", "repetition"],
    reason: "CRIU does not work on every kernel",
  },
  runtimeConfig: NO_FIELDS,
  getContainerEvents: NO_FIELDS,
  imageFsInfo: NO_FIELDS,
  listMetricDescriptors: NO_FIELDS,
  listPodSandboxMetrics: NO_FIELDS,
  streamPodSandboxMetrics: NO_FIELDS,
};
