import { callOptions } from "../cli/call-options.ts";
import type { Command, CommandInput } from "../cli/command.ts";
import type { Context } from "../cli/context.ts";
import { documentFlags, NO_TRUNC_FLAG } from "../cli/flag-sets.ts";
import { listOf } from "../cli/inspect-each.ts";
import { podOf } from "../cli/pod-facts.ts";
import { getProcess } from "../cli/processes/get-process.ts";
import { type DocumentRenderer, prepareDocuments } from "../cli/render-documents.ts";
import { reportFound } from "../cli/report-found.ts";
import { resolveContainers } from "../cli/resolve-objects.ts";
import { tableStyle } from "../cli/table-style.ts";
import type { Container, PodSandbox } from "../cri/gen/runtime/v1/api.ts";
import { shortId } from "../output/short-id.ts";
import { renderTable } from "../output/table.ts";

const HEADING = ["PID", "CONTAINER", "NAME", "POD", "NAMESPACE"];

/** Tells the processes of containers. */
export const pid: Command = {
  spec: {
    name: "pid",
    summary: "show the main process of containers, as the node counts",
    description: "The other way round: whois.",
    examples: [
      { line: "crish pid web db", meaning: "Both, with their pods" },
      {
        line: "nsenter -n -t $(crish pid -q web) ss -ltn",
        meaning: "The node's tools in its network",
      },
    ],
    args: [
      {
        name: "container",
        meaning: "ID, unique prefix, name, or namespace/pod/container",
        required: true,
        variadic: true,
        completion: "container",
      },
    ],
    flags: [
      { name: "quiet", short: "q", type: "boolean", meaning: "print PIDs alone" },
      NO_TRUNC_FLAG,
      ...documentFlags(["table"], "table"),
    ],
    object: "container",
    objectStates: ["running"],
    group: "containers",
  },
  async run(context, { args, flags }) {
    const renderDocuments = await prepareDocuments(flags, context.cwd);
    const items = await resolveContainers(context, listOf(args.container));
    const pending = items.map(async (item) => {
      if ("error" in item) throw item.error;
      const { object: container, reference } = item;
      return { container, pid: await getProcess(context, container, reference) };
    });
    return await reportFound(context, pending, (found) =>
      render(context, { flags, renderDocuments }, found),
    );
  },
};

interface Found {
  readonly container: Container;
  readonly pid: number;
}

interface Form {
  readonly flags: CommandInput["flags"];
  readonly renderDocuments: DocumentRenderer;
}

async function render(
  context: Context,
  { flags, renderDocuments }: Form,
  found: readonly Found[],
): Promise<string> {
  if (flags.quiet === true) return found.map((each) => `${each.pid}\n`).join("");
  const { runtime } = await context.backend();
  const call = callOptions(context);
  const pods = (await runtime.listPodSandbox({ filter: undefined }, call)).items;
  const rows = found.map((each) => toRow(each, pods));
  if (flags.output !== "table") return await renderDocuments([{ processes: rows }]);
  const cut = (id: string) => (flags["no-trunc"] === true ? id : shortId(id));
  return await renderTable(
    HEADING,
    rows.map((row) => [String(row.pid), cut(row.container), row.name, row.pod, row.namespace]),
    tableStyle(context, flags),
  );
}

function toRow({ container, pid: number }: Found, pods: readonly PodSandbox[]) {
  const { name, namespace } = podOf(container, pods);
  return {
    pid: number,
    container: container.id,
    name: container.metadata?.name ?? "",
    pod: name,
    namespace,
  };
}
