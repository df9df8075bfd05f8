import { callOptions } from "../cli/call-options.ts";
import type { Command } from "../cli/command.ts";
import type { Context } from "../cli/context.ts";
import { documentFlags, POD_FILTER_FLAGS, QUIET_INFO_FLAG } from "../cli/flag-sets.ts";
import { type Inspection, inspectEach, listOf } from "../cli/inspect-each.ts";
import { resolvePods } from "../cli/resolve-objects.ts";
import { selectPods } from "../cli/select-pods.ts";
import { statusDocument } from "../cli/status-document.ts";
import type { PodSandbox, PodSandboxStatus } from "../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../errors/status-error.ts";
import { formatTime } from "../output/format-time.ts";
import type { VerboseLine } from "../output/verbose.ts";

/** Prints all that is known of pods. */
export const inspectp: Command = {
  spec: {
    name: "inspectp",
    summary: "show all that is known of pods",
    description: "Without a pod: of all, or of those that the filters leave.",
    examples: [{ line: "crish inspectp default/web", meaning: "One pod" }],
    args: [
      {
        name: "pod",
        meaning: "ID, unique prefix, name, or namespace/name",
        required: false,
        unless: POD_FILTER_FLAGS.map((flag) => flag.name),
        variadic: true,
        completion: "pod",
      },
    ],
    flags: [...documentFlags(["table"]), QUIET_INFO_FLAG, ...POD_FILTER_FLAGS],
    object: "pod",
    group: "pods",
  },
  async run(context, { args, flags }) {
    const references = listOf(args.pod);
    const items =
      references.length > 0
        ? await resolvePods(context, references)
        : (await selectPods(context, flags)).map((object) => ({ reference: object.id, object }));
    return await inspectEach(context, flags, items, (pod) =>
      inspectOne(context, pod, flags.quiet !== true),
    );
  },
};

async function inspectOne(
  context: Context,
  { id }: PodSandbox,
  verbose: boolean,
): Promise<Inspection> {
  const { runtime } = await context.backend();
  const { status, info } = await runtime.podSandboxStatus(
    { podSandboxId: id, verbose },
    callOptions(context),
  );
  if (status === undefined) throw new StatusError("NotFound", `pod "${id}" not found`);
  return {
    document: await statusDocument("PodSandboxStatus", status, info),
    lines: verboseLines(status, info),
  };
}

function verboseLines(
  status: PodSandboxStatus,
  info: Readonly<Record<string, string>>,
): VerboseLine[] {
  const { name = "", uid = "", namespace = "", attempt = 0 } = status.metadata ?? {};
  return [
    ["ID", status.id],
    ["Name", name],
    ["UID", uid],
    ["Namespace", namespace],
    ["Attempt", String(attempt)],
    ["Status", status.state === 0 ? "SANDBOX_READY" : "SANDBOX_NOTREADY"],
    ["Created", formatTime(status.createdAt)],
    ["IP Addresses", status.network?.ip ?? ""],
    ...(status.network?.additionalIps ?? []).map(({ ip }) => ["Additional IP", ip] as const),
    ["Labels", status.labels],
    ["Annotations", status.annotations],
    ["Info", info],
  ];
}
