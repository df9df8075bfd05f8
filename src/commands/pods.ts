import type { Command, CommandInput } from "../cli/command.ts";
import type { Context } from "../cli/context.ts";
import {
  NO_TRUNC_FLAG,
  outputFlag,
  POD_FILTER_FLAGS,
  QUIET_ID_FLAG,
  VERBOSE_FLAG,
} from "../cli/flag-sets.ts";
import { renderMessage } from "../cli/render-messages.ts";
import { selectPods } from "../cli/select-pods.ts";
import { tableStyle } from "../cli/table-style.ts";
import type { PodSandbox } from "../cri/gen/runtime/v1/api.ts";
import { formatAge } from "../output/format-age.ts";
import { formatTime } from "../output/format-time.ts";
import { shortId } from "../output/short-id.ts";
import { type Cell, renderTable } from "../output/table.ts";
import { renderVerbose, type VerboseLine } from "../output/verbose.ts";

const HEADING = ["POD ID", "CREATED", "STATE", "NAME", "NAMESPACE", "ATTEMPT", "RUNTIME"];
/** What a narrow terminal goes without. */
const DISPENSABLE = ["RUNTIME", "ATTEMPT", "CREATED"];
const STATES: readonly string[] = ["Ready", "NotReady"];

/** Lists pod sandboxes. */
export const pods: Command = {
  spec: {
    name: "pods",
    summary: "list pods",
    description: "Pods in every state, the newest first.",
    examples: [
      { line: "crish pods --state ready", meaning: "Pods that run" },
      { line: "crish pods --label app=web -q", meaning: "IDs of the pods with a label" },
    ],
    args: [],
    flags: [
      {
        name: "id",
        type: "string",
        meaning: "only this ID or prefix",
        placeholder: "ID",
        completion: "pod",
      },
      ...POD_FILTER_FLAGS,
      QUIET_ID_FLAG,
      VERBOSE_FLAG,
      NO_TRUNC_FLAG,
      outputFlag(["table", "json", "yaml"], "table"),
    ],
    object: "pod",
    group: "pods",
  },
  async run(context, { flags }) {
    const items = await selectPods(context, flags);
    await context.stdout.write(await render(context, flags, items));
    return 0;
  },
};

async function render(
  context: Context,
  flags: CommandInput["flags"],
  items: readonly PodSandbox[],
): Promise<string> {
  if (flags.output === "json" || flags.output === "yaml") {
    return await renderMessage("ListPodSandboxResponse", { items }, flags.output);
  }
  if (flags.quiet === true) return items.map(({ id }) => `${id}\n`).join("");
  if (flags.verbose === true) return renderVerbose(items.map(verboseLines));
  const cut = (id: string) => (flags["no-trunc"] === true ? id : shortId(id));
  const rows = items.map((pod): (string | Cell)[] => [
    cut(pod.id),
    formatAge(pod.createdAt, Date.now()),
    { text: stateName(pod), tone: pod.state === 0 ? "good" : "dim" },
    pod.metadata?.name ?? "",
    pod.metadata?.namespace ?? "",
    String(pod.metadata?.attempt ?? 0),
    pod.runtimeHandler || "(default)",
  ]);
  return await renderTable(HEADING, rows, tableStyle(context, flags, DISPENSABLE));
}

function verboseLines(pod: PodSandbox): VerboseLine[] {
  const { name = "", uid = "", namespace = "", attempt = 0 } = pod.metadata ?? {};
  return [
    ["ID", pod.id],
    ["Name", name],
    ["UID", uid],
    ["Namespace", namespace],
    ...(attempt === 0 ? [] : [["Attempt", String(attempt)] as const]),
    ["Status", stateName(pod)],
    ["Created", formatTime(pod.createdAt)],
    ["Labels", pod.labels],
    ["Annotations", pod.annotations],
    ["Runtime", pod.runtimeHandler || "(default)"],
  ];
}

function stateName(pod: PodSandbox): string {
  return STATES[pod.state] ?? "Unknown";
}
