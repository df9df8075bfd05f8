import { callOptions } from "../cli/call-options.ts";
import type { Command, CommandInput } from "../cli/command.ts";
import type { Context } from "../cli/context.ts";
import { NO_TRUNC_FLAG } from "../cli/flag-sets.ts";
import { listOf } from "../cli/inspect-each.ts";
import { type List, plainDocument } from "../cli/list-output/list.ts";
import { onceListFlags } from "../cli/list-output/list-flags.ts";
import { prepareList } from "../cli/list-output/print-list.ts";
import { podOf } from "../cli/pod-facts.ts";
import { getProcess } from "../cli/processes/get-process.ts";
import { reportFound } from "../cli/report-found.ts";
import { resolveContainers } from "../cli/resolve-objects.ts";
import type { Container, PodSandbox } from "../cri/gen/runtime/v1/api.ts";
import { shortId } from "../output/short-id.ts";

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
      ...onceListFlags(["pid", "container", "name", "pod", "namespace"]),
    ],
    object: "container",
    objectStates: ["running"],
    group: "containers",
  },
  async run(context, { args, flags }) {
    const print = await prepareList(context, flags);
    const items = await resolveContainers(context, listOf(args.container));
    const pending = items.map(async (item) => {
      if ("error" in item) throw item.error;
      const { object: container, reference } = item;
      return { container, pid: await getProcess(context, container, reference) };
    });
    return await reportFound(context, pending, async (found) => {
      const pods = flags.quiet === true ? [] : await listPods(context);
      await print(
        processList(
          found.map((each) => toProcess(each, pods)),
          flags,
        ),
      );
    });
  },
};

interface Found {
  readonly container: Container;
  readonly pid: number;
}

async function listPods(context: Context): Promise<readonly PodSandbox[]> {
  const { runtime } = await context.backend();
  return (await runtime.listPodSandbox({ filter: undefined }, callOptions(context))).items;
}

/** A process as it is printed. */
type Process = ReturnType<typeof toProcess>;

function toProcess({ container, pid: number }: Found, pods: readonly PodSandbox[]) {
  const { name, namespace } = podOf(container, pods);
  return {
    pid: number,
    container: container.id,
    name: container.metadata?.name ?? "",
    pod: name,
    namespace,
  };
}

function processList(items: readonly Process[], flags: CommandInput["flags"]): List<Process> {
  const cut = (id: string) => (flags["no-trunc"] === true ? id : shortId(id));
  return {
    items,
    document: plainDocument,
    whole: (processes) => ({ processes: [...processes] }),
    id: ({ pid: number }) => String(number),
    reference: ({ namespace, pod, name }) => `${namespace}/${pod}/${name}`,
    rows: (process) => [process],
    dispensable: [],
    columns: [
      { title: "PID", cell: ({ pid: number }) => String(number) },
      { title: "CONTAINER", cell: ({ container }) => cut(container) },
      { title: "NAME", cell: ({ name }) => name },
      { title: "POD", cell: ({ pod }) => pod },
      { title: "NAMESPACE", cell: ({ namespace }) => namespace },
    ],
  };
}
