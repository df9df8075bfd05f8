import { wasApplied } from "../cli/apply/was-applied.ts";
import { callOptions } from "../cli/call-options.ts";
import type { Command } from "../cli/command.ts";
import type { Context } from "../cli/context.ts";
import { describePods } from "../cli/describe-containers.ts";
import { destroyEach } from "../cli/destroy-each.ts";
import { listOf, refuseNamesWithAll } from "../cli/inspect-each.ts";
import { resolvePods } from "../cli/resolve-objects.ts";
import { removeRunLogs } from "../cli/run/log-directory.ts";
import { type PodSandbox, PodSandboxState } from "../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../errors/status-error.ts";

/** Removes pods. */
export const rmp: Command = {
  spec: {
    name: "rmp",
    summary: "remove pods and the containers in them",
    description:
      "A pod that is ready is removed with --force only. What run and apply have made for it goes too.",
    examples: [
      { line: "crish rmp web", meaning: "A pod that was stopped" },
      { line: "crish rmp -af", meaning: "Every pod, running or not" },
    ],
    args: [
      {
        name: "pod",
        meaning: "ID, unique prefix, name, or namespace/name",
        required: true,
        unless: ["all"],
        variadic: true,
        completion: "pod",
      },
    ],
    flags: [
      { name: "force", short: "f", type: "boolean", meaning: "stop a pod that is ready first" },
      { name: "all", short: "a", type: "boolean", meaning: "every pod" },
    ],
    object: "pod",
    destroys: "remove",
    group: "pods",
  },
  async run(context, { args, flags }) {
    const items = await wantedPods(context, listOf(args.pod), flags.all === true);
    if (items.length === 0) {
      await context.stderr.write("no pods to remove\n");
      return 0;
    }
    const { runtime, endpoint } = await context.backend();
    const isHere = !endpoint.startsWith("tcp:");
    return await destroyEach(context, {
      spec: rmp.spec,
      flags,
      items,
      describe: async (pods) => describePods(pods),
      refusal: (pod, reference) =>
        isReady(pod) && flags.force !== true ? isRunning(reference) : undefined,
      async action(pod, reference) {
        const call = callOptions(context);
        if (isReady(pod)) await runtime.stopPodSandbox({ podSandboxId: pod.id }, call);
        await runtime.removePodSandbox({ podSandboxId: pod.id }, call);
        if (isHere && pod.metadata !== undefined) {
          await removeRunLogs(pod.metadata);
          await removeAppliedFiles(context, pod);
        }
        const stopped = isReady(pod) ? `Stopped sandbox ${reference}\n` : "";
        return `${stopped}Removed sandbox ${reference}\n`;
      },
    });
  },
};

async function removeAppliedFiles(context: Context, pod: PodSandbox): Promise<void> {
  if (pod.metadata === undefined || !wasApplied(pod)) return;
  const { podFiles, removePodFiles } = await import("../cli/apply/pod-files.ts");
  await removePodFiles(podFiles(context.env, pod.metadata));
}

function isReady({ state }: PodSandbox): boolean {
  return state === PodSandboxState.SANDBOX_READY;
}

function isRunning(reference: string): StatusError {
  return new StatusError("FailedPrecondition", `pod "${reference}" is running`, {
    hint: "stop it first, or remove it with --force",
  });
}

async function wantedPods(context: Context, references: readonly string[], all: boolean) {
  if (!all) return await resolvePods(context, references);
  refuseNamesWithAll(references);
  const { runtime } = await context.backend();
  const { items } = await runtime.listPodSandbox({ filter: undefined }, callOptions(context));
  return items.map((object) => ({ reference: object.id, object }));
}
