import type { Container, Image, PodSandbox } from "../cri/gen/runtime/v1/api.ts";
import { callOptions } from "./call-options.ts";
import type { CommandInput } from "./command.ts";
import type { Context } from "./context.ts";
import { parseLabelSelector } from "./label-selector.ts";
import { parsePattern } from "./parse-pattern.ts";
import { needSandboxes, type PodFacts, podFinder } from "./pod-facts.ts";
import { findImage } from "./resolve-images.ts";

export interface SelectedContainers {
  /** Newest first. */
  readonly containers: readonly Container[];
  /** The pods where the containers' own labels do not tell them; else empty. */
  readonly pods: readonly PodSandbox[];
  /** The images, where a filter or the caller needed them; else empty. */
  readonly images: readonly Image[];
}

/** The numbers of runtime.v1.ContainerState by the words of --state. */
const STATES: Readonly<Record<string, number>> = { created: 0, running: 1, exited: 2, unknown: 3 };

export interface SelectionOptions {
  /** State where neither --all, --state, --latest nor --last says otherwise; undefined for any. */
  readonly defaultState?: "running";
  readonly withImages?: boolean;
}

/**
 * The containers that the filter flags (CONTAINER_FILTER_FLAGS, --all, --id) leave, with one list
 * call of each kind at most. Throws InvalidArgument for a filter that does not parse.
 */
export async function selectContainers(
  context: Context,
  flags: CommandInput["flags"],
  options: SelectionOptions = {},
): Promise<SelectedContainers> {
  const name = parsePattern(flags.name, "--name");
  const namespace = parsePattern(flags.namespace, "--namespace");
  const selector = parseLabelSelector(flags.label);
  const state = wantedState(flags, options);
  const backend = await context.backend();
  const call = callOptions(context);
  const wantsImages = options.withImages === true || typeof flags.image === "string";
  const [listed, imageList] = await Promise.all([
    backend.runtime.listContainers({ filter: undefined }, call),
    wantsImages ? backend.images.listImages({ filter: undefined }, call) : { images: [] },
  ]);
  const pod = textOf(flags.pod);
  const isPodId = pod !== undefined && listed.containers.some((each) => each.podSandboxId === pod);
  const wantsPods = (pod !== undefined && !isPodId) || needSandboxes(listed.containers);
  const pods = wantsPods
    ? (await backend.runtime.listPodSandbox({ filter: undefined }, call)).items
    : [];
  const { defaultObjects } = context.session;
  if (pod !== undefined && pod === defaultObjects?.pod) {
    await defaultObjects.verify(context, { ...listed, ...(wantsPods ? { pods } : {}) });
  }
  const podOf = podFinder(pods);
  const image = textOf(flags.image);
  const isOfImage = image === undefined ? () => true : imageMatcher(image, imageList.images);
  const idPrefix = textOf(flags.id) ?? "";
  const containers: Container[] = [];
  for (const container of listed.containers) {
    if (
      (state === undefined || container.state === state) &&
      container.id.startsWith(idPrefix) &&
      isInPod(container, pod, podOf) &&
      (name === undefined || name.test(container.metadata?.name ?? "")) &&
      (namespace === undefined || namespace.test(podOf(container).namespace)) &&
      selector.matches(container.labels) &&
      isOfImage(container)
    ) {
      containers.push(container);
    }
  }
  containers.sort(newestFirst);
  return { containers: newestOnly(containers, flags), pods, images: imageList.images };
}

/** The N newest that --latest and --last leave of a list that is sorted so. */
export function newestOnly<T>(sorted: readonly T[], flags: CommandInput["flags"]): readonly T[] {
  const last = typeof flags.last === "number" && flags.last > 0 ? flags.last : undefined;
  const count = last ?? (flags.latest === true ? 1 : undefined);
  return count === undefined ? sorted : sorted.slice(0, count);
}

/** Order of lists: creation, the newest first; IDs where two are of the same moment. */
export function newestFirst(
  left: { readonly id: string; readonly createdAt: bigint },
  right: { readonly id: string; readonly createdAt: bigint },
): number {
  if (left.createdAt !== right.createdAt) return left.createdAt > right.createdAt ? -1 : 1;
  return left.id < right.id ? -1 : 1;
}

function wantedState(flags: CommandInput["flags"], options: SelectionOptions): number | undefined {
  if (typeof flags.state === "string") return STATES[flags.state];
  const isWide =
    flags.all === true ||
    flags.latest === true ||
    (typeof flags.last === "number" && flags.last > 0);
  return isWide || options.defaultState === undefined ? undefined : STATES[options.defaultState];
}

function isInPod(
  container: Container,
  reference: string | undefined,
  podOf: (container: Container) => PodFacts,
): boolean {
  if (reference === undefined) return true;
  if (container.podSandboxId.startsWith(reference)) return true;
  const { name, namespace } = podOf(container);
  return name === reference || `${namespace}/${name}` === reference;
}

function imageMatcher(
  reference: string,
  images: readonly Image[],
): (container: Container) => boolean {
  const image = findImage(reference, images);
  const names = new Set(
    image === undefined ? [reference] : [image.id, ...image.repoTags, ...image.repoDigests],
  );
  return (container) =>
    names.has(container.imageRef) ||
    names.has(container.imageId) ||
    names.has(container.image?.image ?? "");
}

function textOf(value: CommandInput["flags"][string]): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
