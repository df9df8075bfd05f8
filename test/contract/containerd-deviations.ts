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

/** Refusals of its own that containerd 1.6 gives without a code. */
const WITHOUT_A_CODE = [
  "runPodSandbox: the same metadata again is refused",
  "runPodSandbox: a request without a configuration is refused",
  "runPodSandbox: a configuration without metadata is refused",
  "runPodSandbox: an unknown runtime handler is refused and leaves no pod",
  "runPodSandbox: a failed one leaves no pod, and its name can be used",
  "stopPodSandbox: an empty ID is refused",
  "removePodSandbox: an empty ID is refused",
  "podSandboxStatus: an empty ID is refused",
  "pullImage: a malformed reference is refused",
  "pullImage: a request without an image is refused",
  "imageStatus: a request without an image is refused",
  "removeImage: a request without an image is refused",
  "createContainer: the same name and attempt again is refused",
  "createContainer: a request without a configuration is refused",
  "createContainer: a configuration without metadata is refused",
  "createContainer: run_as_group without a user is refused",
  "createContainer: a privileged container in a pod that is not is refused",
  "startContainer: a running container is refused and runs on",
  "startContainer: a container that has exited is refused",
  "startContainer: an empty ID is refused",
  "stopContainer: an empty ID is refused",
  "removeContainer: an empty ID is refused",
  "containerStatus: an empty ID is refused",
  "execSync: an empty command is refused",
  "execSync: a container that does not run is refused",
  "reopenContainerLog: a container that does not run is refused",
  "containerStats: an empty ID is refused",
  "updateContainerResources: an empty ID is refused",
  "reopenContainerLog: an empty ID is refused",
  "portForward: an empty ID is refused",
  "podSandboxStats: an empty ID is refused",
  "updateRuntimeConfig: a pod CIDR that is none is refused",
];

/** Where containerd 1.6 answers otherwise than the suite expects of all. */
export const CONTAINERD_DEVIATIONS: Readonly<Record<string, Deviation>> = {
  ...Object.fromEntries(
    WITHOUT_A_CODE.map((title) => [title, { reason: "refused as Unknown", code: "Unknown" }]),
  ),
  "createContainer: a stopped pod takes no container": {
    reason: "the missing task of the pod is NotFound",
    code: "NotFound",
  },
  "status: lists a handler with the empty name and features": {
    reason: "the fields came with containerd 2.0",
  },
  "stopPodSandbox: an unknown pod is not an error": { reason: "is NotFound" },
  "stopContainer: an unknown container is not an error": { reason: "is NotFound" },
  "listImages: filters by name, and gives nothing for an unknown one": {
    reason: "ignores the filter",
  },
  "listImages: a malformed name is refused": { reason: "ignores the filter" },
  "createContainer: ContainerStatus and the list bear the image ID": {
    reason: "the field came with containerd 2.0",
  },
  "listContainers: has the facts that ContainerStatus has": {
    reason: "image_ref is an ID in the list and a digest in the status",
  },
  "createContainer: recursive read-only without read-only is refused": {
    reason: "the field came with containerd 2.0",
  },
  "createContainer: recursive read-only with propagation is refused": {
    reason: "the field came with containerd 2.0",
  },
  "updateContainerResources: a container that has exited is refused": {
    reason: "takes the change and keeps it in its record",
  },
  "containerStats: of a container that has ended it has what it has written, and no CPU": {
    reason: "only its list tells of what has ended",
  },
  "execSync: ends with its process, not with what holds its output open": {
    reason: "waits for the end of the output",
  },
};
