import type { Command, CommandInput } from "../cli/command.ts";
import type { Context } from "../cli/context.ts";
import { documentFlags, NO_TRUNC_FLAG, POD_FILTER_FLAGS } from "../cli/flag-sets.ts";
import { prepareDocuments } from "../cli/render-documents.ts";
import { tableStyle } from "../cli/table-style.ts";
import { type ContainerNode, gatherTree, type PodNode } from "../cli/tree/gather-tree.ts";
import { branchMarks } from "../output/branch-marks.ts";
import { formatAge } from "../output/format-age.ts";
import { shortId } from "../output/short-id.ts";
import { type Cell, renderTable } from "../output/table.ts";

const HEADING = ["NAME", "STATE", "IMAGE / IP", "CREATED", "ID"];
/** What a narrow terminal goes without. */
const DISPENSABLE = ["CREATED", "ID"];
const CONTAINER_STATES: readonly string[] = ["Created", "Running", "Exited", "Unknown"];
const TONES: readonly Cell["tone"][] = [undefined, "good", "dim", "bad"];

/** Shows pods with their containers. */
export const tree: Command = {
  spec: {
    name: "tree",
    summary: "show pods with their containers, images, addresses and states",
    description: [
      "Pods that are ready, the newest first, and what has not exited in them; all of it with --all.",
      "Drawn with lines where the locale is UTF-8, else in ASCII.",
    ].join("\n"),
    examples: [
      { line: "crish tree", meaning: "What this node runs" },
      { line: "crish tree -a --namespace shop", meaning: "With what has ended, of a namespace" },
    ],
    args: [],
    flags: [
      { name: "all", short: "a", type: "boolean", meaning: "what has ended, too" },
      {
        name: "id",
        type: "string",
        meaning: "only this ID or prefix",
        placeholder: "ID",
        completion: "pod",
      },
      ...POD_FILTER_FLAGS,
      NO_TRUNC_FLAG,
      ...documentFlags(["table"], "table"),
    ],
    object: "pod",
    group: "pods",
  },
  async run(context, { flags }) {
    const renderDocuments = await prepareDocuments(flags, context.cwd);
    const nodes = await gatherTree(context, flags);
    if (flags.output !== "table") {
      const document = await toDocument(nodes);
      const documents = flags.output === "jsonl" ? document.pods : [document];
      await context.stdout.write(await renderDocuments(documents));
    } else if (nodes.length === 0) {
      const hint = flags.all === true ? "" : "; -a shows what has ended";
      await context.stderr.write(`no pods${hint}\n`);
    } else {
      await context.stdout.write(await render(context, flags, nodes));
    }
    return 0;
  },
};

/** Each pod in protobuf's JSON mapping, with its addresses and containers below it. */
async function toDocument(nodes: readonly PodNode[]) {
  const { toJson } = await import("../cri/json/to-json.ts");
  return {
    pods: nodes.map(({ pod, ips, containers }) => ({
      ...toJson("PodSandbox", pod),
      ips,
      containers: containers.map(({ container, exitCode }) => ({
        ...toJson("Container", container),
        ...(exitCode === undefined ? {} : { exitCode }),
      })),
    })),
  };
}

async function render(
  context: Context,
  flags: CommandInput["flags"],
  nodes: readonly PodNode[],
): Promise<string> {
  const cut = (id: string) => (flags["no-trunc"] === true ? id : shortId(id));
  const marks = branchMarks(context.env);
  const nowMs = Date.now();
  const rows = nodes.flatMap(({ pod, ips, containers }): (string | Cell)[][] => [
    [
      `${pod.metadata?.namespace ?? ""}/${pod.metadata?.name ?? ""}`,
      pod.state === 0 ? { text: "Ready", tone: "good" } : { text: "NotReady", tone: "dim" },
      ips.join(" "),
      formatAge(pod.createdAt, nowMs),
      cut(pod.id),
    ],
    ...containers.map((node, index) => [
      (index === containers.length - 1 ? marks.last : marks.middle) + nameOf(node),
      stateCell(node),
      cut(node.image),
      formatAge(node.container.createdAt, nowMs),
      cut(node.container.id),
    ]),
  ]);
  return await renderTable(HEADING, rows, tableStyle(context, flags, DISPENSABLE));
}

function nameOf({ container }: ContainerNode): string {
  const { name = "", attempt = 0 } = container.metadata ?? {};
  return attempt === 0 ? name : `${name} (attempt ${attempt})`;
}

function stateCell({ container: { state }, exitCode }: ContainerNode): Cell {
  const text = CONTAINER_STATES[state] ?? "Unknown";
  const tone = exitCode === undefined || exitCode === 0 ? TONES[state] : "bad";
  const shown = exitCode === undefined ? text : `${text} (${exitCode})`;
  return tone === undefined ? { text: shown } : { text: shown, tone };
}
