import { type Container, ContainerState, type PodSandbox } from "../../cri/gen/runtime/v1/api.ts";
import { hasCode, StatusError } from "../../errors/status-error.ts";
import { callOptions } from "../call-options.ts";
import type { CommandInput } from "../command.ts";
import type { Context } from "../context.ts";
import { parseLabelSelector } from "../label-selector.ts";
import { isMeantBefore } from "../meant-attempt.ts";
import { needSandboxes, podOf } from "../pod-facts.ts";
import { resolveContainers, resolvePods } from "../resolve-objects.ts";
import { newestFirst, selectContainers } from "../select-containers.ts";
import type { LogOrigin } from "./line-printer.ts";

/** A container whose log is meant. */
export interface LoggedContainer {
  readonly container: Container;
  readonly origin: LogOrigin;
}

export interface SelectedLogs {
  readonly containers: readonly LoggedContainer[];
  /** What could not be resolved. */
  readonly errors: readonly unknown[];
  /** Where containers may join: those that belong now, of any state. */
  readonly find: (() => Promise<readonly LoggedContainer[]>) | undefined;
  /** Whether the containers that may join are those of pods alone, so that there is an end of them. */
  readonly isOfPods: boolean;
}

/** Flags that choose containers, in place of names. */
const FILTER_FLAGS = ["pod", "label", "name", "namespace"] as const;

/**
 * The containers that names or filters mean: of each name in a pod the attempt that is meant, in the order
 * of the names or of creation. A name that is no container's may be a pod's. Throws InvalidArgument
 * for names beside filters.
 */
export async function selectLogs(
  context: Context,
  names: readonly string[],
  flags: CommandInput["flags"],
): Promise<SelectedLogs> {
  const filters = FILTER_FLAGS.filter((name) => flags[name] !== undefined);
  if (names.length === 0) return await selectByFilters(context, flags);
  const [filter] = filters;
  if (filter !== undefined) {
    throw new StatusError("InvalidArgument", `names stand alone, without --${filter}`, {
      hint: "a container of a pod is POD-NAMESPACE/POD/CONTAINER; --name is a filter of names",
    });
  }
  return await selectByNames(context, names, flags.output === "jsonl" || flags.prefix === true);
}

async function selectByNames(
  context: Context,
  names: readonly string[],
  needsOrigin: boolean,
): Promise<SelectedLogs> {
  const resolved = await resolveContainers(context, names);
  const containers: Container[] = [];
  const podIds = new Set<string>();
  const errors: unknown[] = [];
  for (const found of resolved) {
    if ("object" in found) containers.push(found.object);
    else if (!hasCode(found.error, "NotFound")) errors.push(found.error);
    else {
      const [pod] = await resolvePods(context, [found.reference]);
      if (pod !== undefined && "object" in pod) podIds.add(pod.object.id);
      else
        errors.push(pod !== undefined && !hasCode(pod.error, "NotFound") ? pod.error : found.error);
    }
  }
  const named = new Set(containers.map(({ id }) => id));
  const findOfPods = async () => {
    const all = await listAll(context);
    return meantOfEach(
      all.filter(({ container }) => !named.has(container.id) && podIds.has(container.podSandboxId)),
    );
  };
  const isAlone = containers.length === 1 && podIds.size === 0 && !needsOrigin;
  const pods = !isAlone && needSandboxes(containers) ? await listPods(context) : [];
  const ofNames = [...new Map(containers.map((each) => [each.id, each])).values()];
  return {
    containers: [
      ...ofNames.map((container) => ({ container, origin: originOf(container, pods) })),
      ...(podIds.size > 0 ? await findOfPods() : []),
    ],
    errors,
    find: podIds.size > 0 ? findOfPods : undefined,
    isOfPods: true,
  };
}

async function selectByFilters(
  context: Context,
  flags: CommandInput["flags"],
): Promise<SelectedLogs> {
  const { label, ...others } = flags;
  const selector = parseLabelSelector(label);
  const find = async () => {
    const { containers } = await selectContainers(context, { ...others, state: undefined });
    const ids = new Set(containers.map(({ id }) => id));
    const all = await listAll(context, label !== undefined);
    return meantOfEach(
      all.filter(
        ({ container, podLabels }) =>
          ids.has(container.id) && selector.matches({ ...podLabels, ...container.labels }),
      ),
    );
  };
  const isOfPods = FILTER_FLAGS.every((name) => name === "pod" || flags[name] === undefined);
  return { containers: await find(), errors: [], find, isOfPods };
}

interface ListedContainer extends LoggedContainer {
  readonly podLabels: Readonly<Record<string, string>>;
  /** Equal for the attempts of one container. */
  readonly identity: string;
}

async function listAll(context: Context, needsLabels = false): Promise<readonly ListedContainer[]> {
  const { runtime } = await context.backend();
  const { containers } = await runtime.listContainers({ filter: undefined }, callOptions(context));
  const pods = needsLabels || needSandboxes(containers) ? await listPods(context) : [];
  const labelsOf = new Map(pods.map(({ id, labels }) => [id, labels]));
  return containers.map((container) => {
    const { uid } = podOf(container, pods);
    const origin = originOf(container, pods);
    return {
      container,
      origin,
      podLabels: labelsOf.get(container.podSandboxId) ?? {},
      identity: JSON.stringify([uid ?? container.podSandboxId, origin.container]),
    };
  });
}

async function listPods(context: Context): Promise<readonly PodSandbox[]> {
  const { runtime } = await context.backend();
  return (await runtime.listPodSandbox({ filter: undefined }, callOptions(context))).items;
}

function originOf(container: Container, pods: readonly PodSandbox[]): LogOrigin {
  const { name: pod, namespace } = podOf(container, pods);
  return { namespace, pod, container: container.metadata?.name || container.id };
}

/** Oldest first. */
function meantOfEach(all: readonly ListedContainer[]): readonly ListedContainer[] {
  const meant = new Map<string, ListedContainer>();
  const byAge = [...all].sort((left, right) => newestFirst(right.container, left.container));
  for (const each of byAge) {
    const known = meant.get(each.identity);
    if (known !== undefined && isMeantBefore(known.container, each.container)) continue;
    meant.set(each.identity, each);
  }
  return [...meant.values()];
}

/** Whether more may come of it. */
export function mayWrite(state: ContainerState): boolean {
  return state === ContainerState.CONTAINER_RUNNING || state === ContainerState.CONTAINER_CREATED;
}
