/**
 * From what a user types to the objects meant. One list call serves all references of a command.
 * Order: full ID, exact name, namespace/pod[/container], unique prefix of the ID. Several attempts
 * of one container or pod are not ambiguous: the newest is meant, of containers one that runs before
 * one that has not started.
 */
import type { Container, PodSandbox } from "../cri/gen/runtime/v1/api.ts";
import { nearestName } from "../errors/nearest-name.ts";
import { StatusError } from "../errors/status-error.ts";
import { callOptions } from "./call-options.ts";
import type { Context, KnownObjects } from "./context.ts";
import { isMeantBefore } from "./meant-attempt.ts";
import { needSandboxes, type PodFacts, podFinder } from "./pod-facts.ts";

/** A reference with what it means, or with why it means nothing. */
export type Resolved<T> =
  | { readonly reference: string; readonly object: T }
  | { readonly reference: string; readonly error: StatusError };

/**
 * Never rejects for a reference but the shell's context; a list that fails rejects. Of several attempts
 * the one is taken that is meant before all others.
 */
export async function resolveContainers(
  context: Context,
  references: readonly string[],
  isMeant: (container: Container, other: Container) => boolean = isMeantBefore,
): Promise<readonly Resolved<Container>[]> {
  const { runtime } = await context.backend();
  const { containers } = await runtime.listContainers({ filter: undefined }, callOptions(context));
  await checkContext(context, references, { containers });
  const ids = new Set(containers.map(({ id }) => id));
  // A full ID tells all; for names the pods matter, where the containers' labels do not name them.
  const needsPods =
    references.some((reference) => !ids.has(reference)) && needSandboxes(containers);
  const pods = needsPods ? await listPods(context) : [];
  const podOf = podFinder(pods);
  const candidates = containers.map((container) => containerCandidate(container, podOf(container)));
  return references.map((reference) => resolveOne(reference, candidates, "container", isMeant));
}

export async function resolvePods(
  context: Context,
  references: readonly string[],
): Promise<readonly Resolved<PodSandbox>[]> {
  const pods = await listPods(context);
  await checkContext(context, references, { pods });
  const candidates = pods.map(podCandidate);
  return references.map((reference) => resolveOne(reference, candidates, "pod", isNewer));
}

/** What a shell's context named says by itself that it is gone: nobody knows it by its ID. */
async function checkContext(
  context: Context,
  references: readonly string[],
  known: KnownObjects,
): Promise<void> {
  const { defaultObjects } = context.session;
  if (defaultObjects === undefined) return;
  const { pod, container } = defaultObjects;
  const own = known.pods === undefined ? container : pod;
  if (own !== undefined && references.includes(own)) await defaultObjects.verify(context, known);
}

/** The one container meant. Throws NotFound, or InvalidArgument where it could be several. */
export async function resolveContainer(context: Context, reference: string): Promise<Container> {
  return single(await resolveContainers(context, [reference]));
}

/** The one pod meant. Throws NotFound, or InvalidArgument where it could be several. */
export async function resolvePod(context: Context, reference: string): Promise<PodSandbox> {
  return single(await resolvePods(context, [reference]));
}

async function listPods(context: Context): Promise<readonly PodSandbox[]> {
  const { runtime } = await context.backend();
  return (await runtime.listPodSandbox({ filter: undefined }, callOptions(context))).items;
}

interface Candidate<T> {
  readonly object: T;
  readonly id: string;
  readonly name: string;
  /** As in `default/web-1/nginx`. */
  readonly path: string;
  /** Equal for the attempts of one object. */
  readonly identity: string;
}

function containerCandidate(container: Container, pod: PodFacts): Candidate<Container> {
  const name = container.metadata?.name ?? "";
  return {
    object: container,
    id: container.id,
    name,
    path: `${pod.namespace}/${pod.name}/${name}`,
    identity: JSON.stringify([pod.uid ?? container.podSandboxId, name]),
  };
}

function podCandidate(pod: PodSandbox): Candidate<PodSandbox> {
  const { name = "", namespace = "", uid = "" } = pod.metadata ?? {};
  return {
    object: pod,
    id: pod.id,
    name,
    path: `${namespace}/${name}`,
    identity: JSON.stringify([namespace, name, uid]),
  };
}

function resolveOne<T>(
  reference: string,
  candidates: readonly Candidate<T>[],
  kind: "container" | "pod",
  isMeant: (object: T, other: T) => boolean,
): Resolved<T> {
  const ways: readonly ((candidate: Candidate<T>) => boolean)[] = [
    (candidate) => candidate.id === reference,
    (candidate) => candidate.name === reference,
    (candidate) => candidate.path === reference,
    (candidate) => reference !== "" && candidate.id.startsWith(reference),
  ];
  for (const matches of ways) {
    const found = meantAttempts(candidates.filter(matches), isMeant);
    const only = found[0];
    if (found.length > 1) return { reference, error: ambiguous(reference, found, kind) };
    if (only !== undefined) return { reference, object: only.object };
  }
  return { reference, error: notFound(reference, candidates, kind) };
}

function meantAttempts<T>(
  candidates: readonly Candidate<T>[],
  isMeant: (object: T, other: T) => boolean,
): readonly Candidate<T>[] {
  const meant = new Map<string, Candidate<T>>();
  for (const candidate of candidates) {
    const known = meant.get(candidate.identity);
    if (known === undefined || isMeant(candidate.object, known.object)) {
      meant.set(candidate.identity, candidate);
    }
  }
  return [...meant.values()];
}

export function isNewer(
  { createdAt }: { readonly createdAt: bigint },
  other: { readonly createdAt: bigint },
): boolean {
  return createdAt > other.createdAt;
}

const SHOWN_CANDIDATES = 5;

function ambiguous<T>(
  reference: string,
  found: readonly Candidate<T>[],
  kind: string,
): StatusError {
  const shown = found
    .slice(0, SHOWN_CANDIDATES)
    .map(({ id, path }) => `${id.slice(0, 13)} (${path})`);
  const more = found.length - shown.length;
  const list = more > 0 ? [...shown, `${more} more`] : shown;
  return new StatusError(
    "InvalidArgument",
    `"${reference}" matches ${found.length} ${kind}s: ${list.join(", ")}`,
    { hint: waysApart(reference, found) },
  );
}

/** Paths tell objects of one name apart, unless they have the same. */
function waysApart<T>(reference: string, found: readonly Candidate<T>[]): string {
  const paths = new Set(found.map(({ path }) => path));
  const isByName = found.every(({ name }) => name === reference) && paths.size === found.length;
  return isByName ? `name it as ${found[0]?.path}, or by its ID` : "give more of the ID";
}

function notFound<T>(
  reference: string,
  candidates: readonly Candidate<T>[],
  kind: string,
): StatusError {
  const near = nearestName(
    reference,
    new Set(candidates.flatMap(({ name, path }) => [name, path])),
  );
  const list = kind === "pod" ? "crish pods" : "crish ps -a";
  const ofPod = kind === "pod" ? undefined : inPodNamed(reference, candidates);
  return new StatusError("NotFound", `${kind} "${reference}" not found`, {
    hint: ofPod ?? (near === undefined ? `${list} lists them` : `did you mean ${near}?`),
  });
}

/** For who names the pod where one of its containers is meant. */
function inPodNamed<T>(reference: string, candidates: readonly Candidate<T>[]): string | undefined {
  const isPod = ({ path }: Candidate<T>) => path.split("/")[1] === reference;
  const paths = [...new Set(candidates.filter(isPod).map(({ path }) => path))];
  if (paths.length === 0) return undefined;
  const more = paths.length > SHOWN_CANDIDATES ? " and more" : "";
  return `a pod is called that: it has ${paths.slice(0, SHOWN_CANDIDATES).join(", ")}${more}`;
}

function single<T>(resolved: readonly Resolved<T>[]): T {
  const [only] = resolved;
  if (only === undefined) throw new StatusError("Internal", "nothing was resolved");
  if ("error" in only) throw only.error;
  return only.object;
}
