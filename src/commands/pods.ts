import type { Command, CommandInput } from "../cli/command.ts";
import { NO_TRUNC_FLAG, POD_FILTER_FLAGS, QUIET_ID_FLAG, VERBOSE_FLAG } from "../cli/flag-sets.ts";
import { type List, pairsText, withTone } from "../cli/list-output/list.ts";
import { isWatched, listFlags } from "../cli/list-output/list-flags.ts";
import { printList } from "../cli/list-output/print-list.ts";
import { selectPods } from "../cli/select-pods.ts";
import type { PodSandbox } from "../cri/gen/runtime/v1/api.ts";
import { formatAge } from "../output/format-age.ts";
import { formatTime } from "../output/format-time.ts";
import { shortId } from "../output/short-id.ts";
import type { VerboseLine } from "../output/verbose.ts";

/** As --columns has them. */
const COLUMNS = [
  "pod-id",
  "created",
  "state",
  "name",
  "namespace",
  "attempt",
  "runtime",
  "uid",
  "created-at",
  "labels",
  "annotations",
];
/** What a narrow terminal goes without. */
const DISPENSABLE = ["ANNOTATIONS", "LABELS", "UID", "RUNTIME", "ATTEMPT", "CREATED"];
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
      {
        line: "crish pods --selector tier!=back -o jsonpath={.items[*].metadata.name}",
        meaning: "Names of pods that a selector finds",
      },
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
      ...listFlags(COLUMNS),
    ],
    object: "pod",
    group: "pods",
  },
  async run(context, { flags }) {
    return await printList(context, flags, async () =>
      podList(await selectPods(context, flags), flags),
    );
  },
  endsAtInterrupt: isWatched,
};

function podList(items: readonly PodSandbox[], flags: CommandInput["flags"]): List<PodSandbox> {
  const cut = (id: string) => (flags["no-trunc"] === true ? id : shortId(id));
  return {
    items,
    message: "PodSandbox",
    answer: "ListPodSandboxResponse",
    field: "items",
    id: ({ id }) => id,
    reference: ({ metadata }) => `${metadata?.namespace ?? ""}/${metadata?.name ?? ""}`,
    verbose: verboseLines,
    rows: (pod) => [pod],
    dispensable: DISPENSABLE,
    columns: [
      { title: "POD ID", cell: ({ id }) => cut(id), sortKey: ({ id }) => id },
      {
        title: "CREATED",
        cell: ({ createdAt }) => formatAge(createdAt, Date.now()),
        sortKey: ({ createdAt }) => createdAt,
      },
      { title: "STATE", cell: (pod) => withTone(stateName(pod), pod.state === 0 ? "good" : "dim") },
      { title: "NAME", cell: ({ metadata }) => metadata?.name ?? "" },
      { title: "NAMESPACE", cell: ({ metadata }) => metadata?.namespace ?? "" },
      { title: "ATTEMPT", cell: ({ metadata }) => String(metadata?.attempt ?? 0) },
      { title: "RUNTIME", cell: ({ runtimeHandler }) => runtimeHandler || "(default)" },
      { title: "UID", cell: ({ metadata }) => metadata?.uid ?? "", shown: "wide" },
      { title: "LABELS", cell: ({ labels }) => pairsText(labels), shown: "wide" },
      { title: "CREATED AT", cell: ({ createdAt }) => formatTime(createdAt), shown: "asked" },
      { title: "ANNOTATIONS", cell: ({ annotations }) => pairsText(annotations), shown: "asked" },
    ],
  };
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
