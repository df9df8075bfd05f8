import type { Container, PodSandbox } from "../cri/gen/runtime/v1/api.ts";
import { callOptions } from "./call-options.ts";
import type { Context } from "./context.ts";
import type { Doomed } from "./destroy-each.ts";
import { needSandboxes, podOf } from "./pod-facts.ts";

/** Containers by namespace/pod/name; the pods are asked for where labels do not name them. */
export async function describeContainers(
  context: Context,
  containers: readonly Container[],
): Promise<readonly Doomed[]> {
  const { runtime } = await context.backend();
  const pods = needSandboxes(containers)
    ? (await runtime.listPodSandbox({ filter: undefined }, callOptions(context))).items
    : [];
  return containers.map((container) => {
    const pod = podOf(container, pods);
    return {
      id: container.id,
      name: `${pod.namespace}/${pod.name}/${container.metadata?.name ?? ""}`,
      attempt: container.metadata?.attempt ?? 0,
    };
  });
}

/** Pods by namespace/name. */
export function describePods(pods: readonly PodSandbox[]): readonly Doomed[] {
  return pods.map(({ id, metadata }) => ({
    id,
    name: `${metadata?.namespace ?? ""}/${metadata?.name ?? ""}`,
  }));
}
