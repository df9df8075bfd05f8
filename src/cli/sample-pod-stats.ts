import {
  type PodSandbox,
  PodSandboxState,
  type PodSandboxStats,
} from "../cri/gen/runtime/v1/api.ts";
import { describe } from "../errors/describe.ts";
import { type StatusCode, StatusError } from "../errors/status-error.ts";
import { callOptions } from "./call-options.ts";
import type { Context } from "./context.ts";
import { ifPresent } from "./if-present.ts";
import type { LabelSelector } from "./label-selector.ts";

export interface PodStatsOptions {
  /** Undefined for all that are ready. */
  readonly ids: ReadonlySet<string> | undefined;
  readonly selector: LabelSelector;
  /** Told once of each pod of which there are no figures, where there are some of others. */
  report(failure: StatusError): Promise<void>;
}

/** What says nothing of one pod: the runtime would answer the same for each. */
const OF_THE_RUNTIME: readonly StatusCode[] = [
  "Cancelled",
  "DeadlineExceeded",
  "PermissionDenied",
  "Unauthenticated",
  "Unavailable",
  "Unimplemented",
];

/**
 * What asks for the figures of pods: in one call, and where that fails pod by pod. containerd before
 * 1.7 answers for none where one has no cgroup parent, as pods have that no kubelet made.
 */
export function createPodStatsSampler(
  context: Context,
  options: PodStatsOptions,
): () => Promise<readonly PodSandboxStats[]> {
  const { ids, selector } = options;
  const told = new Set<string>();
  let failsTogether = false;
  const listAll = async () => {
    const { runtime } = await context.backend();
    const [first = "", ...others] = ids ?? [];
    const id = others.length === 0 ? first : "";
    const filter = { id, labelSelector: { ...selector.equal } };
    const { stats } = await runtime.listPodSandboxStats({ filter }, callOptions(context));
    // Some runtimes ignore the labels.
    return stats.filter(
      ({ attributes }) =>
        selector.matches(attributes?.labels ?? {}) && (ids?.has(attributes?.id ?? "") ?? true),
    );
  };
  return async () => {
    if (!failsTogether) {
      try {
        return await listAll();
      } catch (error) {
        const isOfOne = error instanceof StatusError && !OF_THE_RUNTIME.includes(error.code);
        if (!isOfOne || context.signal.aborted) throw error;
        failsTogether = true;
      }
    }
    return await askEach(context, options, told);
  };
}

/**
 * One after another: containerd before 1.6.22 crashes at times when it measures while it answers
 * something else (https://github.com/containerd/containerd/pull/8130). Throws where one pod is asked
 * for alone, and has none.
 */
async function askEach(
  context: Context,
  { ids, selector, report }: PodStatsOptions,
  told: Set<string>,
): Promise<readonly PodSandboxStats[]> {
  const { runtime } = await context.backend();
  const call = callOptions(context);
  const { items } = await runtime.listPodSandbox({ filter: undefined }, call);
  const pods = items.filter(
    ({ id, state, labels }) =>
      (ids?.has(id) ?? state === PodSandboxState.SANDBOX_READY) && selector.matches(labels),
  );
  const found: PodSandboxStats[] = [];
  for (const pod of pods) {
    try {
      const answer = await ifPresent(runtime.podSandboxStats({ podSandboxId: pod.id }, call));
      if (answer?.stats !== undefined) found.push(answer.stats);
    } catch (error) {
      const failure = failureOf(pod, error);
      if (pods.length === 1 || OF_THE_RUNTIME.includes(failure.code)) throw failure;
      if (!told.has(pod.id)) await report(failure);
      told.add(pod.id);
    }
  }
  return found;
}

function failureOf({ id, metadata }: PodSandbox, cause: unknown): StatusError {
  const name = `${metadata?.namespace ?? ""}/${metadata?.name ?? ""}`;
  const code = cause instanceof StatusError ? cause.code : "Unknown";
  const hasNoParent = /cgroupPath is empty/.test(describe(cause).message);
  const message = `there are no figures of pod "${name}"`;
  if (!hasNoParent) return new StatusError(code, message, { cause });
  return new StatusError(code, `${message}, which has no cgroup parent`, {
    hint: `crish stats -p ${id.slice(0, 13)} measures its containers`,
  });
}
