import type { Container, Image, PodSandbox } from "../../cri/gen/runtime/v1/api.ts";
import { podOf } from "../pod-facts.ts";
import type { Candidate, WantedValue } from "./candidate.ts";

/** A container or a pod, as far as naming it goes. */
export interface NamedObject {
  readonly id: string;
  readonly name: string;
  /** As in `default/web-1/nginx`. */
  readonly path: string;
  /** Equal for the attempts of one object. */
  readonly identity: string;
  readonly state: string;
}

/** As many digits of an ID as lists show. */
const SHORT_ID = 13;

const CONTAINER_STATES = ["created", "running", "exited", "unknown"];

export function namedContainers(
  containers: readonly Container[],
  pods: readonly PodSandbox[],
): readonly NamedObject[] {
  return newestFirst(containers).map((container) => {
    const pod = podOf(container, pods);
    const name = container.metadata?.name ?? "";
    return {
      id: container.id,
      name,
      path: `${pod.namespace}/${pod.name}/${name}`,
      identity: JSON.stringify([pod.uid ?? container.podSandboxId, name]),
      state: CONTAINER_STATES[container.state] ?? "unknown",
    };
  });
}

export function namedPods(pods: readonly PodSandbox[]): readonly NamedObject[] {
  return newestFirst(pods).map((pod) => {
    const { name = "", namespace = "", uid = "" } = pod.metadata ?? {};
    return {
      id: pod.id,
      name,
      path: `${namespace}/${name}`,
      identity: JSON.stringify([namespace, name, uid]),
      state: pod.state === 0 ? "ready" : "notready",
    };
  });
}

/**
 * Names by which the objects can be meant: the plain name where only one has it, else the path; IDs
 * once a digit of one is typed. Objects that the line names already are left out, and objects in
 * other states than the wanted ones are offered only where no other fits.
 */
export function objectCandidates(
  objects: readonly NamedObject[],
  wanted: Pick<WantedValue, "prefix" | "given" | "states">,
): readonly Candidate[] {
  const { prefix, given, states } = wanted;
  const left = objects.filter((object) => !given.some((word) => isMeant(object, word)));
  const inState = left.filter(({ state }) => states === undefined || states.includes(state));
  for (const some of [inState, left]) {
    const found = some
      .flatMap((object) => namings(object, objects, prefix))
      .filter(({ text }) => text.startsWith(prefix));
    if (found.length > 0) return found;
  }
  return namespacesOf(left, prefix);
}

export function imageCandidates(
  images: readonly Image[],
  { prefix, given }: Pick<WantedValue, "prefix" | "given">,
): readonly Candidate[] {
  return images
    .filter((image) => !given.some((word) => isImageMeant(image, word)))
    .flatMap((image) => {
      const digits = image.id.replace(/^sha256:/, "");
      const names = image.repoTags.flatMap((tag) => [shortName(tag), tag]);
      const shown = prefix === "" ? image.repoTags.map(shortName) : names;
      const id = withDigits(digits, prefix);
      const note = image.repoTags[0] ?? "no tag";
      return [
        ...shown.map((text) => ({ text, note: digits.slice(0, SHORT_ID) })),
        ...(id !== undefined ? [{ text: id, note }] : []),
        ...(prefix.startsWith("sha256:") ? [{ text: image.id, note }] : []),
        ...(prefix.includes("@")
          ? image.repoDigests.flatMap((text) => [{ text: shortName(text) }, { text }])
          : []),
        ...(prefix === "" && image.repoTags.length === 0
          ? [{ text: digits.slice(0, SHORT_ID), note }]
          : []),
      ];
    });
}

function namings(
  object: NamedObject,
  all: readonly NamedObject[],
  prefix: string,
): readonly Candidate[] {
  const { id, name, path, identity, state } = object;
  if (prefix.includes("/")) return [{ text: path, note: state }];
  const place = path.slice(0, path.lastIndexOf("/"));
  const isUnique = all.every((other) => other.name !== name || other.identity === identity);
  const named = isUnique || prefix !== "" ? name : path;
  const digits = withDigits(id, prefix);
  return [
    ...(name === "" ? [] : [{ text: named, note: `${state}, ${place}` }]),
    ...(digits === undefined ? [] : [{ text: digits, note: `${state}, ${path}` }]),
  ];
}

/** `default/`, in which more is offered. */
function namespacesOf(objects: readonly NamedObject[], prefix: string): readonly Candidate[] {
  if (prefix === "" || prefix.includes("/")) return [];
  const namespaces = new Set(objects.map(({ path }) => path.slice(0, path.indexOf("/") + 1)));
  return [...namespaces]
    .filter((text) => text !== "/" && text.startsWith(prefix))
    .map((text) => ({ text, isPartial: true }));
}

/** The ID where the prefix begins it: short, unless more of it is typed. */
function withDigits(id: string, prefix: string): string | undefined {
  if (prefix === "" || !id.startsWith(prefix)) return undefined;
  return prefix.length < SHORT_ID ? id.slice(0, SHORT_ID) : id;
}

function isMeant({ id, name, path }: NamedObject, word: string): boolean {
  return word !== "" && (word === name || word === path || id.startsWith(word));
}

function isImageMeant(image: Image, word: string): boolean {
  if (word === "") return false;
  const names = [...image.repoTags, ...image.repoDigests];
  return (
    names.some((name) => name === word || shortName(name) === word) ||
    image.id.replace(/^sha256:/, "").startsWith(word.replace(/^sha256:/, ""))
  );
}

function shortName(reference: string): string {
  return reference.replace(/^docker\.io\/(library\/)?/, "");
}

function newestFirst<T extends { readonly createdAt: bigint }>(list: readonly T[]): readonly T[] {
  return [...list].sort((a, b) =>
    a.createdAt === b.createdAt ? 0 : a.createdAt > b.createdAt ? -1 : 1,
  );
}
