import type { ContainerEventResponse } from "../../cri/gen/runtime/v1/api.ts";
import { callOptions } from "../call-options.ts";
import type { Context } from "../context.ts";
import { podOf } from "../pod-facts.ts";

/** Whom an event is about. What nobody has told is empty. */
export interface EventSubject {
  readonly kind: "pod" | "container";
  readonly id: string;
  readonly podId: string;
  readonly namespace: string;
  readonly pod: string;
  /** Name of the container; empty for a pod. */
  readonly container: string;
}

/**
 * Tells whom events are about. What is removed is not in its own event any more: it is known from
 * the lists of the start and from the events before.
 */
export async function knowSubjects(
  context: Context,
): Promise<(event: ContainerEventResponse) => EventSubject> {
  const known = new Map<string, EventSubject>();
  const { runtime } = await context.backend();
  const [{ containers }, { items: pods }] = await Promise.all([
    runtime.listContainers({ filter: undefined }, callOptions(context)),
    runtime.listPodSandbox({ filter: undefined }, callOptions(context)),
  ]);
  for (const { id, metadata } of pods) known.set(id, podSubject(id, metadata));
  for (const container of containers) {
    const { name, namespace } = podOf(container, pods);
    const pod = { podId: container.podSandboxId, pod: name, namespace };
    known.set(container.id, containerSubject(container.id, container.metadata?.name, pod));
  }
  return (event) => {
    const told = toldSubject(event);
    if (told !== undefined) known.set(event.containerId, told);
    return told ?? known.get(event.containerId) ?? unknownSubject(event);
  };
}

function toldSubject(event: ContainerEventResponse): EventSubject | undefined {
  const { containerId, podSandboxStatus: pod, containersStatuses } = event;
  if (pod !== undefined && pod.id === containerId) return podSubject(containerId, pod.metadata);
  const status = containersStatuses.find(({ id }) => id === containerId);
  if (pod === undefined || status === undefined) return undefined;
  const { name = "", namespace = "" } = pod.metadata ?? {};
  return containerSubject(containerId, status.metadata?.name, {
    podId: pod.id,
    pod: name,
    namespace,
  });
}

function podSubject(
  id: string,
  metadata: { readonly name: string; readonly namespace: string } | undefined,
): EventSubject {
  const { name = "", namespace = "" } = metadata ?? {};
  return { kind: "pod", id, podId: id, namespace, pod: name, container: "" };
}

function containerSubject(
  id: string,
  container = "",
  pod: Pick<EventSubject, "podId" | "pod" | "namespace">,
): EventSubject {
  return { kind: "container", id, container, ...pod };
}

function unknownSubject({ containerId, podSandboxStatus }: ContainerEventResponse): EventSubject {
  const { name = "", namespace = "" } = podSandboxStatus?.metadata ?? {};
  return containerSubject(containerId, "", {
    podId: podSandboxStatus?.id ?? "",
    pod: name,
    namespace,
  });
}
