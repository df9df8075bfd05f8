import type { Command, CommandInput } from "../cli/command.ts";
import type { Context } from "../cli/context.ts";
import { LABEL_FLAG, NO_TRUNC_FLAG, QUIET_ID_FLAG } from "../cli/flag-sets.ts";
import { listOf } from "../cli/inspect-each.ts";
import { parseLabelSelector } from "../cli/label-selector.ts";
import type { List, ListColumn } from "../cli/list-output/list.ts";
import { isWatched, listFlags } from "../cli/list-output/list-flags.ts";
import { printList } from "../cli/list-output/print-list.ts";
import { namedIds } from "../cli/named-ids.ts";
import { parseFormat } from "../cli/output-format.ts";
import { measurePods, type PodUsage, toPodUsage } from "../cli/pod-usage.ts";
import { printError } from "../cli/print-error.ts";
import { resolvePods } from "../cli/resolve-objects.ts";
import { createPodStatsSampler } from "../cli/sample-pod-stats.ts";
import type { PodSandboxStats } from "../cri/gen/runtime/v1/api.ts";
import { EXIT, toExitCode } from "../errors/exit-code.ts";
import { StatusError } from "../errors/status-error.ts";
import { formatSize } from "../output/format-size.ts";
import { shortId } from "../output/short-id.ts";

const COLUMNS: readonly ListColumn<PodUsage>[] = [
  { title: "POD", cell: ({ name }) => name },
  { title: "POD ID", cell: ({ id }) => shortId(id), sortKey: ({ id }) => id },
  {
    title: "CPU %",
    cell: ({ cpuPercent }) => cpuPercent?.toFixed(2) ?? "-",
    sortKey: ({ cpuPercent }) => cpuPercent ?? 0,
  },
  {
    title: "MEM",
    cell: ({ memoryBytes }) => size(memoryBytes),
    sortKey: ({ memoryBytes }) => memoryBytes,
  },
  { title: "NAMESPACE", cell: ({ namespace }) => namespace, shown: "wide" },
  {
    title: "NET RX",
    cell: ({ receivedBytes }) => size(receivedBytes),
    sortKey: ({ receivedBytes }) => receivedBytes ?? 0n,
    shown: "wide",
  },
  {
    title: "NET TX",
    cell: ({ sentBytes }) => size(sentBytes),
    sortKey: ({ sentBytes }) => sentBytes ?? 0n,
    shown: "wide",
  },
  {
    title: "PIDS",
    cell: ({ processes }) => processes?.toString() ?? "-",
    sortKey: ({ processes }) => processes ?? 0n,
    shown: "wide",
  },
];
const WHOLE_ID: ListColumn<PodUsage> = { title: "POD ID", cell: ({ id }) => id };
/** As --columns has them. */
const COLUMN_NAMES = ["pod", "pod-id", "cpu-%", "mem", "namespace", "net-rx", "net-tx", "pids"];
/** Formats that show a share of the CPU, which takes two samples. */
const TABLES = ["table", "wide", "custom-columns"];

/** Prints what pods use. */
export const statsp: Command = {
  spec: {
    name: "statsp",
    summary: "show what pods use: CPU, memory, network",
    description: "CPU is measured between two samples; 100 is one core.",
    examples: [
      { line: "crish statsp web db", meaning: "Two pods" },
      { line: "crish statsp -o wide --watch", meaning: "All, with network and processes" },
    ],
    args: [
      {
        name: "pod",
        meaning: "ID, unique prefix, name, or namespace/name",
        required: false,
        unless: ["id", "label"],
        variadic: true,
        completion: "pod",
      },
    ],
    flags: [
      {
        name: "id",
        type: "string",
        meaning: "only this pod",
        placeholder: "ID",
        completion: "pod",
      },
      LABEL_FLAG,
      {
        name: "seconds",
        short: "s",
        type: "duration",
        meaning: "time between the two samples, and between two looks of --watch (default 1s)",
        placeholder: "SECONDS",
      },
      QUIET_ID_FLAG,
      NO_TRUNC_FLAG,
      ...listFlags(COLUMN_NAMES).filter(({ name }) => name !== "interval"),
    ],
    object: "pod",
    objectStates: ["ready"],
    group: "pods",
  },
  async run(context, { args, flags }) {
    const intervalMs = typeof flags.seconds === "number" ? flags.seconds : 1000;
    if (intervalMs <= 0) throw new StatusError("InvalidArgument", "--seconds is not above 0");
    // IDs need no figures.
    const isTable = flags.quiet !== true && TABLES.includes(parseFormat(flags).kind);
    const { ids, status } = await namedPods(context, args, flags);
    if (ids?.size === 0) return status;
    // A line on stderr would spoil the screen that a watch on a terminal has taken.
    const isHeld = flags.watch === true && context.stdout.canRedraw;
    const failures: StatusError[] = [];
    const report = async (failure: StatusError) => {
      failures.push(failure);
      if (!isHeld) await printError(context.stderr, failure);
    };
    const selector = parseLabelSelector(flags.label);
    const sample = createPodStatsSampler(context, { ids, selector, report });
    const { signal } = context;
    // Between two looks at a table lies the interval of its samples already.
    const paced = { ...flags, interval: isTable ? 0 : intervalMs };
    const look = async () => {
      if (!isTable) {
        const usages = (await sample()).map((stats) => toPodUsage(stats, undefined));
        return usageList(usages, flags);
      }
      const usages = await measurePods(sample, { signal, intervalMs });
      return usageList(
        usages.filter(({ hasFigures }) => hasFigures),
        flags,
      );
    };
    let printed: number;
    try {
      printed = await printList(context, paced, look);
    } finally {
      // Also where Ctrl-C comes between two samples, which rejects.
      if (isHeld) for (const failure of failures) await printError(context.stderr, failure);
    }
    if (status !== EXIT.success) return status;
    return failures[0] === undefined || flags.watch === true ? printed : toExitCode(failures[0]);
  },
  endsAtInterrupt: isWatched,
};

/** The pods that are named; undefined where none is. Names are resolved once. */
async function namedPods(
  context: Context,
  args: CommandInput["args"],
  flags: CommandInput["flags"],
): Promise<{ readonly ids: ReadonlySet<string> | undefined; readonly status: number }> {
  const references =
    typeof flags.id === "string" && flags.id !== "" ? [flags.id] : listOf(args.pod);
  if (references.length === 0) return { ids: undefined, status: EXIT.success };
  return await namedIds(context, await resolvePods(context, references));
}

function usageList(
  usages: readonly PodUsage[],
  flags: CommandInput["flags"],
): List<PodSandboxStats, PodUsage> {
  const byStats = new Map(usages.map((usage) => [usage.stats, [usage]]));
  return {
    items: usages.map(({ stats }) => stats),
    message: "PodSandboxStats",
    answer: "ListPodSandboxStatsResponse",
    field: "stats",
    id: ({ attributes }) => attributes?.id ?? "",
    reference: ({ attributes }) =>
      `${attributes?.metadata?.namespace ?? ""}/${attributes?.metadata?.name ?? ""}`,
    rows: (stats) => byStats.get(stats) ?? [],
    columns:
      flags["no-trunc"] === true
        ? COLUMNS.map((column) => (column.title === WHOLE_ID.title ? WHOLE_ID : column))
        : COLUMNS,
    dispensable: ["NAMESPACE"],
  };
}

function size(bytes: bigint | undefined): string {
  return bytes === undefined ? "-" : formatSize(bytes, 4);
}
