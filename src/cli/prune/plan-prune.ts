/**
 * What prune would take away, and why: found before anything is done, so that it can be told and
 * asked about. Nothing that a kubelet still works with is in it: of a pod that is ready it looks at
 * the newest attempt of each container, which is where it reads an init container's success and the
 * reason of a crash.
 */
import { lstat } from "node:fs/promises";
import {
  type Container,
  ContainerState,
  type Image,
  type PodSandbox,
  PodSandboxState,
} from "../../cri/gen/runtime/v1/api.ts";
import { createSlots } from "../../host/create-slots.ts";
import { formatAge } from "../../output/format-age.ts";
import { callOptions } from "../call-options.ts";
import type { Context } from "../context.ts";
import { ifPresent } from "../if-present.ts";
import { imageCreatedMs } from "../image-created.ts";
import { logFiles } from "../log-files.ts";
import { podOf } from "../pod-facts.ts";
import { newestFirst } from "../select-containers.ts";
import { layerSizes } from "./layer-sizes.ts";
import type { PruneFilter } from "./parse-prune-filter.ts";
import { unusedImages } from "./unused-images.ts";

export interface PruneWish {
  readonly containers: boolean;
  readonly pods: boolean;
  readonly images: boolean;
  /** Images that have a tag, too. */
  readonly taggedImages: boolean;
  readonly keepLogs: boolean;
  readonly filter: PruneFilter;
}

export interface Pruned {
  readonly kind: "container" | "pod" | "image";
  readonly id: string;
  /** As in `default/web/app`; of an image its names. */
  readonly name: string;
  readonly reason: string;
  /** As far as the runtime and this node tell: of a container its own layer, and its logs. */
  readonly sizeBytes: bigint;
  /** False where it may well be more: the runtime does not tell what a container has written. */
  readonly isWholeSize: boolean;
}

export interface PrunePlan {
  readonly containers: readonly Pruned[];
  readonly pods: readonly (Pruned & { readonly pod: PodSandbox })[];
  readonly images: readonly Pruned[];
  /** Containers that have exited and stay, for the kubelet. */
  readonly keptForKubelet: number;
}

const PARALLEL = 8;

export async function planPrune(context: Context, wish: PruneWish): Promise<PrunePlan> {
  const { runtime } = await context.backend();
  const call = callOptions(context);
  const [{ containers }, { items: pods }] = await Promise.all([
    runtime.listContainers({ filter: undefined }, call),
    runtime.listPodSandbox({ filter: undefined }, call),
  ]);
  const exited = wish.containers
    ? containers.filter(
        ({ state, labels }) =>
          state === ContainerState.CONTAINER_EXITED && wish.filter.matches(labels),
      )
    : [];
  const needed = neededByKubelet(containers, pods);
  const inSlot = createSlots(PARALLEL);
  const doomed = await Promise.all(
    exited
      .filter(({ id }) => !needed.has(id))
      .map((each) =>
        inSlot(() => prunedContainer(context, each, { pods, keepLogs: wish.keepLogs })),
      ),
  );
  const goingContainers = doomed
    .filter((each) => each !== undefined)
    .filter(({ endedAtMs }) => isOldEnough(endedAtMs, wish.filter));
  const goingPods = wish.pods ? prunedPods(pods, containers, wish.filter) : [];
  const gone = new Set([...goingContainers, ...goingPods].map(({ id }) => id));
  const sizes = await layerSizes(
    context,
    containers.filter(({ id, podSandboxId }) => gone.has(id) || gone.has(podSandboxId)),
  );
  const own = new Set(goingContainers.map(({ id }) => id));
  const goesFirst = ({ id, podSandboxId }: Container) => gone.has(id) || gone.has(podSandboxId);
  return {
    containers: goingContainers.map((each) => withLayers(each, [each], sizes)),
    pods: goingPods.map((each) => {
      const inside = containers.filter(
        ({ id, podSandboxId }) => podSandboxId === each.id && !own.has(id),
      );
      return withLayers(each, inside, sizes);
    }),
    images: wish.images ? await prunedImages(context, wish, goesFirst) : [],
    keptForKubelet: exited.filter(({ id }) => needed.has(id)).length,
  };
}

/** What goes with the layers of the containers that go with it. */
function withLayers<T extends Pruned>(
  pruned: T,
  containers: readonly { readonly id: string }[],
  sizes: ReadonlyMap<string, bigint>,
): T {
  const known = containers.flatMap(({ id }) => sizes.get(id) ?? []);
  const sizeBytes = known.reduce((sum, size) => sum + size, pruned.sizeBytes);
  return { ...pruned, sizeBytes, isWholeSize: known.length === containers.length };
}

function neededByKubelet(
  containers: readonly Container[],
  pods: readonly PodSandbox[],
): ReadonlySet<string> {
  const ready = new Set(
    pods.filter(({ state }) => state === PodSandboxState.SANDBOX_READY).map(({ id }) => id),
  );
  const newest = new Map<string, string>();
  for (const { id, podSandboxId, metadata, labels } of [...containers].sort(newestFirst)) {
    const isOfKubelet = labels["io.kubernetes.pod.uid"] !== undefined;
    const key = JSON.stringify([labels["io.kubernetes.pod.uid"], metadata?.name]);
    if (isOfKubelet && ready.has(podSandboxId) && !newest.has(key)) newest.set(key, id);
  }
  return new Set(newest.values());
}

/** Undefined where it has gone since the list. */
async function prunedContainer(
  context: Context,
  container: Container,
  { pods, keepLogs }: { readonly pods: readonly PodSandbox[]; readonly keepLogs: boolean },
): Promise<(Pruned & { readonly endedAtMs: number }) | undefined> {
  const { runtime, endpoint } = await context.backend();
  const request = { containerId: container.id, verbose: false };
  const answer = await ifPresent(runtime.containerStatus(request, callOptions(context)));
  const status = answer?.status;
  if (status === undefined) return undefined;
  const pod = podOf(container, pods);
  const endedNs = status.finishedAt > 0n ? status.finishedAt : container.createdAt;
  const hasLogs = !keepLogs && !endpoint.startsWith("tcp:");
  return {
    kind: "container",
    id: container.id,
    name: `${pod.namespace}/${pod.name}/${container.metadata?.name ?? ""}`,
    reason: `exited (${status.exitCode}) ${formatAge(endedNs, Date.now())}`,
    sizeBytes: hasLogs ? await logBytes(status.logPath) : 0n,
    isWholeSize: false,
    endedAtMs: Number(endedNs / 1_000_000n),
  };
}

/** Of the log and its rotations, which go with the container. */
async function logBytes(logPath: string): Promise<bigint> {
  const sizes = await Promise.all(
    (await logFiles(logPath)).map(async (path) => {
      const facts = await lstat(path).catch(() => undefined);
      return facts?.isFile() ? BigInt(facts.size) : 0n;
    }),
  );
  return sizes.reduce((sum, size) => sum + size, 0n);
}

function prunedPods(
  pods: readonly PodSandbox[],
  containers: readonly Container[],
  filter: PruneFilter,
): readonly (Pruned & { readonly pod: PodSandbox })[] {
  const living = new Set(
    containers
      // What is in a state that the runtime does not know may run.
      .filter(({ state }) => LIVING.has(state))
      .map(({ podSandboxId }) => podSandboxId),
  );
  return pods
    .filter(({ id, state, labels, createdAt }) => {
      const isDown = state === PodSandboxState.SANDBOX_NOTREADY && !living.has(id);
      return (
        isDown && filter.matches(labels) && isOldEnough(Number(createdAt / 1_000_000n), filter)
      );
    })
    .map((pod) => ({
      kind: "pod",
      id: pod.id,
      name: `${pod.metadata?.namespace ?? ""}/${pod.metadata?.name ?? ""}`,
      reason: "not ready, and nothing runs in it",
      sizeBytes: 0n,
      isWholeSize: false,
      pod,
    }));
}

const LIVING: ReadonlySet<number> = new Set([
  ContainerState.CONTAINER_RUNNING,
  ContainerState.CONTAINER_UNKNOWN,
]);

async function prunedImages(
  context: Context,
  { taggedImages, filter }: PruneWish,
  goesFirst: (container: Container) => boolean,
): Promise<readonly Pruned[]> {
  // CRI's images have no labels.
  if (filter.hasLabels) return [];
  const unused = (await unusedImages(context, goesFirst)).filter(
    ({ repoTags }) => taggedImages || repoTags.length === 0,
  );
  const isOld = async (image: Image) =>
    filter.untilMs === undefined || isOldEnough(await imageCreatedMs(context, image), filter);
  const old = await Promise.all(unused.map(isOld));
  return unused
    .filter((_image, index) => old[index])
    .map(({ id, repoTags, repoDigests, size }) => ({
      kind: "image",
      id,
      name: (repoTags.length > 0 ? repoTags : repoDigests).join(",") || "<none>",
      reason: repoTags.length > 0 ? "no container uses it" : "no tag, and no container uses it",
      sizeBytes: size,
      isWholeSize: true,
    }));
}

function isOldEnough(momentMs: number, { untilMs }: PruneFilter): boolean {
  return untilMs === undefined || momentMs < untilMs;
}
