import type { Container } from "../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../errors/status-error.ts";
import { callOptions } from "./call-options.ts";
import type { CommandSpec } from "./command.ts";
import type { DefaultObjects } from "./context.ts";
import { flagsOf } from "./flags-of.ts";
import { isFlagGiven } from "./given-values.ts";
import { CONTAINER_STATES, listChoices } from "./list-choices.ts";
import { isMeantBefore } from "./meant-attempt.ts";
import { newestFirst } from "./select-containers.ts";
import type { SupplyOptions } from "./supply-objects.ts";

export interface PodContainers {
  readonly ids: readonly string[];
  /** As the user calls it, where it was not chosen but is the only one. */
  readonly name?: string;
}

/**
 * The containers that a verb without any means in the context of a pod: the only one that it can
 * act on, else those that the user chooses. Throws FailedPrecondition where there is none, and
 * InvalidArgument, with those that there are, where nobody can be asked.
 */
export async function containersOfPod(
  options: SupplyOptions,
  { podId, defaults }: { readonly podId: string; readonly defaults: DefaultObjects },
): Promise<PodContainers> {
  const { spec, context } = options;
  const { runtime } = await context.backend();
  const { containers } = await runtime.listContainers({ filter: undefined }, callOptions(context));
  await defaults.verify(context, { containers });
  const ofPod = containers.filter(({ podSandboxId }) => podSandboxId === podId).sort(newestFirst);
  const pod = defaults.nameOf("pod");
  const meant = meantOf(options, ofPod);
  const [only] = meant;
  if (only === undefined) throw nothingToActOn(spec, pod, ofPod);
  if (meant.length === 1) return { ids: [only.id], name: `${pod}/${nameOf(only)}` };
  if (!context.stdin.isTty || !context.stderr.canRedraw) {
    throw new StatusError(
      "InvalidArgument",
      `${spec.name} needs CONTAINER: pod "${pod}" has ${meant.length}`,
      { hint: `one of ${meant.map(describe).join(", ")}` },
    );
  }
  const [object] = spec.args;
  const several = object?.variadic === true && object.choosesOne !== true;
  const question = `${spec.name}: which container${several ? "s" : ""} of ${pod}?`;
  const choices = await listChoices(context, "container", spec);
  return { ids: await context.pick({ question, several, choices }) };
}

/** What destroys means each attempt; everything else the one that a name means. */
function meantOf(options: SupplyOptions, ofPod: readonly Container[]): readonly Container[] {
  const { spec, scanned, context } = options;
  const inStates = (states: readonly string[] | undefined, all: readonly Container[]) =>
    all.filter(({ state }) => states?.includes(CONTAINER_STATES[state] ?? "unknown") ?? true);
  const fit = inStates(spec.objectStates, ofPod);
  const meant = spec.destroys === undefined ? meantOfEachName(fit) : fit;
  if (meant.length < 2) return meant;
  const known = flagsOf(spec);
  const preferring = known.find(
    (flag) => flag.prefersStates !== undefined && isFlagGiven(flag, known, scanned, context.env),
  );
  const preferred = inStates(preferring?.prefersStates, meant);
  return preferred.length > 0 ? preferred : meant;
}

function meantOfEachName(sorted: readonly Container[]): readonly Container[] {
  const meant = new Map<string, Container>();
  for (const container of sorted) {
    const known = meant.get(nameOf(container));
    if (known === undefined || isMeantBefore(container, known)) {
      meant.set(nameOf(container), container);
    }
  }
  return [...meant.values()];
}

function nothingToActOn(
  { name, objectStates }: CommandSpec,
  pod: string,
  ofPod: readonly Container[],
): StatusError {
  const states = objectStates === undefined ? "" : ` that is ${objectStates.join(" or ")}`;
  const has = meantOfEachName(ofPod).map(describe).join(", ");
  return new StatusError(
    "FailedPrecondition",
    `pod "${pod}" has no container${states} to ${name}`,
    has === "" ? {} : { hint: `it has ${has}` },
  );
}

function describe(container: Container): string {
  return `${nameOf(container)} (${CONTAINER_STATES[container.state] ?? "unknown"})`;
}

function nameOf({ id, metadata }: Container): string {
  return metadata?.name || id;
}
