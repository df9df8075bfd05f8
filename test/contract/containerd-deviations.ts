import type { Deviation, Rpc } from "./contract-target.ts";

/** RPCs that came to CRI after containerd 1.6. */
export const CONTAINERD_UNIMPLEMENTED: readonly Rpc[] = [
  "streamPodSandboxes",
  "streamContainers",
  "streamContainerStats",
  "streamPodSandboxStats",
  "streamImages",
  "streamPodSandboxMetrics",
  "checkpointContainer",
  "getContainerEvents",
  "listMetricDescriptors",
  "listPodSandboxMetrics",
  "runtimeConfig",
  "updatePodSandboxResources",
];

/** Where containerd 1.6 answers otherwise than the suite expects of all. */
export const CONTAINERD_DEVIATIONS: Readonly<Record<string, Deviation>> = {};
