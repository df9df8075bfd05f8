import type { PodSandbox } from "../cri/gen/runtime/v1/api.ts";
import { callOptions } from "./call-options.ts";
import type { CommandInput } from "./command.ts";
import type { Context } from "./context.ts";
import { parseLabelSelector } from "./label-selector.ts";
import { parsePattern } from "./parse-pattern.ts";
import { newestFirst, newestOnly } from "./select-containers.ts";

/** The numbers of runtime.v1.PodSandboxState by the words of --state. */
const STATES: Readonly<Record<string, number>> = { ready: 0, notready: 1 };

/**
 * The pods that the filter flags (POD_FILTER_FLAGS, --id) leave, newest first.
 * Throws InvalidArgument for a filter that does not parse.
 */
export async function selectPods(
  context: Context,
  flags: CommandInput["flags"],
): Promise<readonly PodSandbox[]> {
  const name = parsePattern(flags.name, "--name");
  const namespace = parsePattern(flags.namespace, "--namespace");
  const selector = parseLabelSelector(flags.label);
  const state = typeof flags.state === "string" ? STATES[flags.state] : undefined;
  const id = typeof flags.id === "string" ? flags.id : "";
  const { runtime } = await context.backend();
  const { items } = await runtime.listPodSandbox({ filter: undefined }, callOptions(context));
  const pods = items
    .filter(
      (pod) =>
        pod.id.startsWith(id) &&
        (state === undefined || pod.state === state) &&
        (name === undefined || name.test(pod.metadata?.name ?? "")) &&
        (namespace === undefined || namespace.test(pod.metadata?.namespace ?? "")) &&
        selector.matches(pod.labels),
    )
    .sort(newestFirst);
  return newestOnly(pods, flags);
}
