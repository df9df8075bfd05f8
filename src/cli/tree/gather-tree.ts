import type { Container, Image, PodSandbox } from "../../cri/gen/runtime/v1/api.ts";
import { ContainerState, PodSandboxState } from "../../cri/gen/runtime/v1/api.ts";
import { createSlots } from "../../host/create-slots.ts";
import { callOptions } from "../call-options.ts";
import type { CommandInput } from "../command.ts";
import type { Context } from "../context.ts";
import { ifPresent } from "../if-present.ts";
import { findImage } from "../resolve-images.ts";
import { newestFirst } from "../select-containers.ts";
import { selectPods } from "../select-pods.ts";

export interface PodNode {
  readonly pod: PodSandbox;
  readonly ips: readonly string[];
  readonly containers: readonly ContainerNode[];
}

export interface ContainerNode {
  readonly container: Container;
  /** As a person names it: the first tag. */
  readonly image: string;
  /** Of one that has ended, where the runtime still knows. */
  readonly exitCode?: number | undefined;
}

const PARALLEL = 8;

/**
 * The pods that the filters leave, newest first, with their containers in the order of creation.
 * What has ended is left out unless --all or --state asks for it: pods that are not ready,
 * containers that have exited.
 */
export async function gatherTree(
  context: Context,
  flags: CommandInput["flags"],
): Promise<readonly PodNode[]> {
  const { runtime, images } = await context.backend();
  const call = callOptions(context);
  const [selected, { containers }, imageList] = await Promise.all([
    selectPods(context, flags),
    runtime.listContainers({ filter: undefined }, call),
    images.listImages({ filter: undefined }, call),
  ]);
  const isWide = flags.all === true;
  const isPodWide =
    isWide ||
    typeof flags.state === "string" ||
    flags.latest === true ||
    Number(flags.last ?? 0) > 0;
  const pods = selected.filter(({ state }) => isPodWide || state === PodSandboxState.SANDBOX_READY);
  const inSlot = createSlots(PARALLEL);
  return await Promise.all(
    pods.map(async (pod) => {
      const own = containers
        .filter(({ podSandboxId }) => podSandboxId === pod.id)
        .filter(({ state }) => isWide || state !== ContainerState.CONTAINER_EXITED)
        .sort(newestFirst)
        .reverse();
      const [ips, nodes] = await Promise.all([
        inSlot(() => addressesOf(context, pod)),
        Promise.all(
          own.map((each) => inSlot(() => containerNode(context, each, imageList.images))),
        ),
      ]);
      return { pod, ips, containers: nodes };
    }),
  );
}

/** None for a pod of the host's network, nor for one that is gone by now. */
async function addressesOf(context: Context, { id }: PodSandbox): Promise<readonly string[]> {
  const { runtime } = await context.backend();
  const request = { podSandboxId: id, verbose: false };
  const network = (await ifPresent(runtime.podSandboxStatus(request, callOptions(context))))?.status
    ?.network;
  return [network?.ip ?? "", ...(network?.additionalIps ?? []).map(({ ip }) => ip)].filter(Boolean);
}

async function containerNode(
  context: Context,
  container: Container,
  images: readonly Image[],
): Promise<ContainerNode> {
  const named = [container.imageId, container.imageRef, container.image?.image ?? ""].filter(
    Boolean,
  );
  const image = named.map((name) => findImage(name, images)).find((each) => each !== undefined);
  const shown = image?.repoTags[0] ?? image?.repoDigests[0] ?? container.image?.image ?? "";
  if (container.state !== ContainerState.CONTAINER_EXITED) return { container, image: shown };
  const { runtime } = await context.backend();
  const request = { containerId: container.id, verbose: false };
  const answer = await ifPresent(runtime.containerStatus(request, callOptions(context)));
  return { container, image: shown, exitCode: answer?.status?.exitCode };
}
