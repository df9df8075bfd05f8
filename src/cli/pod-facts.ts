import type { Container, PodSandbox } from "../cri/gen/runtime/v1/api.ts";

export interface PodFacts {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string | undefined;
}

const UNKNOWN = "unknown";

type Labelled = Pick<Container, "podSandboxId"> & {
  readonly labels: Readonly<Record<string, string>>;
};

/** The pod of a container: from the labels that a kubelet gives, else from the sandbox itself. */
export function podOf(container: Labelled, pods: readonly PodSandbox[]): PodFacts {
  return factsOf(
    container,
    pods.find(({ id }) => id === container.podSandboxId),
  );
}

/** The same for many containers: the pods are looked through once. */
export function podFinder(pods: readonly PodSandbox[]): (container: Container) => PodFacts {
  const byId = new Map<string, PodSandbox>();
  for (const pod of pods) byId.set(pod.id, pod);
  return (container) => factsOf(container, byId.get(container.podSandboxId));
}

function factsOf({ labels }: Labelled, pod: PodSandbox | undefined): PodFacts {
  const metadata = pod?.metadata;
  return {
    name: labels["io.kubernetes.pod.name"] || metadata?.name || UNKNOWN,
    namespace: labels["io.kubernetes.pod.namespace"] || metadata?.namespace || UNKNOWN,
    uid: labels["io.kubernetes.pod.uid"] || metadata?.uid || undefined,
  };
}

/** Whether of some container the labels alone do not tell the pod's name and namespace. */
export function needSandboxes(containers: readonly Container[]): boolean {
  for (const { labels } of containers) {
    if (!labels["io.kubernetes.pod.name"] || !labels["io.kubernetes.pod.namespace"]) return true;
  }
  return false;
}
