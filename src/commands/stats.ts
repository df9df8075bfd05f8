import { callOptions } from "../cli/call-options.ts";
import type { Command, CommandInput } from "../cli/command.ts";
import { type ContainerUsage, measureUsage, toContainerUsage } from "../cli/container-usage.ts";
import type { Context } from "../cli/context.ts";
import { LABEL_FLAG, NO_TRUNC_FLAG, QUIET_ID_FLAG } from "../cli/flag-sets.ts";
import { listOf } from "../cli/inspect-each.ts";
import { parseLabelSelector } from "../cli/label-selector.ts";
import { columnName, type List, type ListColumn } from "../cli/list-output/list.ts";
import { isWatched, listFlags } from "../cli/list-output/list-flags.ts";
import { printList } from "../cli/list-output/print-list.ts";
import { namedIds } from "../cli/named-ids.ts";
import { parseFormat } from "../cli/output-format.ts";
import { resolveContainers, resolvePod } from "../cli/resolve-objects.ts";
import type { ContainerStats } from "../cri/gen/runtime/v1/api.ts";
import { EXIT } from "../errors/exit-code.ts";
import { StatusError } from "../errors/status-error.ts";
import { formatSize } from "../output/format-size.ts";
import { shortId } from "../output/short-id.ts";

const COLUMNS: readonly ListColumn<ContainerUsage>[] = [
  { title: "CONTAINER", cell: ({ id }) => shortId(id), sortKey: ({ id }) => id },
  { title: "NAME", cell: ({ name }) => name },
  {
    title: "CPU %",
    cell: ({ cpuPercent }) => cpuPercent?.toFixed(2) ?? "-",
    sortKey: ({ cpuPercent }) => cpuPercent ?? 0,
  },
  {
    title: "MEM",
    cell: ({ memoryBytes }) => formatSize(memoryBytes, 4),
    sortKey: ({ memoryBytes }) => memoryBytes,
  },
  {
    title: "DISK",
    cell: ({ diskBytes }) => formatSize(diskBytes, 4),
    sortKey: ({ diskBytes }) => diskBytes,
  },
  { title: "INODES", cell: ({ inodes }) => String(inodes), sortKey: ({ inodes }) => inodes },
  {
    title: "SWAP",
    cell: ({ swapBytes }) => formatSize(swapBytes, 4),
    sortKey: ({ swapBytes }) => swapBytes,
  },
  { title: "POD", cell: ({ stats }) => podOf(stats).name, shown: "wide" },
  { title: "NAMESPACE", cell: ({ stats }) => podOf(stats).namespace, shown: "wide" },
];
const WHOLE_ID: ListColumn<ContainerUsage> = { title: "CONTAINER", cell: ({ id }) => id };
/** As --columns has them. */
const COLUMN_NAMES = COLUMNS.map(({ title }) => columnName(title));
/** Formats that show a share of the CPU, which takes two samples. */
const TABLES = ["table", "wide", "custom-columns"];

/** Prints what containers use. */
export const stats: Command = {
  spec: {
    name: "stats",
    summary: "show what containers use: CPU, memory, disk",
    description: "CPU is measured between two samples; 100 is one core.",
    examples: [
      { line: "crish stats web db", meaning: "Two containers" },
      { line: "crish stats --watch", meaning: "All that run, again and again" },
    ],
    args: [
      {
        name: "container",
        meaning: "ID, unique prefix, name, or namespace/pod/container",
        required: false,
        unless: ["id", "pod", "label"],
        variadic: true,
        completion: "container",
      },
    ],
    flags: [
      { name: "all", short: "a", type: "boolean", meaning: "those without figures too" },
      {
        name: "id",
        type: "string",
        meaning: "only this container",
        placeholder: "ID",
        completion: "container",
      },
      {
        name: "pod",
        short: "p",
        type: "string",
        meaning: "only in this pod",
        placeholder: "POD",
        completion: "pod",
        fromContext: "pod",
        notFromContextWith: ["id"],
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
    object: "container",
    group: "containers",
  },
  async run(context, { args, flags }) {
    const intervalMs = typeof flags.seconds === "number" ? flags.seconds : 1000;
    if (intervalMs <= 0) throw new StatusError("InvalidArgument", "--seconds is not above 0");
    // IDs need no figures.
    const isTable = flags.quiet !== true && TABLES.includes(parseFormat(flags).kind);
    const { ids, status } = await namedContainers(context, args, flags);
    if (ids?.size === 0) return status;
    const sample = await createSampler(context, flags, ids);
    const { signal } = context;
    // Between two looks at a table lies the interval of its samples already.
    const paced = { ...flags, interval: isTable ? 0 : intervalMs };
    const printed = await printList(context, paced, async () => {
      if (!isTable) {
        return usageList(
          (await sample()).map((stats) => toContainerUsage(stats, undefined)),
          flags,
        );
      }
      const usages = await measureUsage(sample, { intervalMs, signal });
      return usageList(
        usages.filter(({ hasFigures }) => flags.all === true || hasFigures),
        flags,
      );
    });
    return status === EXIT.success ? printed : status;
  },
  endsAtInterrupt: isWatched,
};

/**
 * The containers that are named, each of which is reported where it is not there; undefined where
 * none is named. Names are resolved once.
 */
async function namedContainers(
  context: Context,
  args: CommandInput["args"],
  flags: CommandInput["flags"],
): Promise<{ readonly ids: ReadonlySet<string> | undefined; readonly status: number }> {
  const id = textOf(flags.id);
  const references = id === undefined ? listOf(args.container) : [id];
  if (references.length === 0) return { ids: undefined, status: EXIT.success };
  return await namedIds(context, await resolveContainers(context, references));
}

/** What asks for the figures of the containers meant. */
async function createSampler(
  context: Context,
  flags: CommandInput["flags"],
  ids: ReadonlySet<string> | undefined,
): Promise<() => Promise<readonly ContainerStats[]>> {
  const selector = parseLabelSelector(flags.label);
  const pod = textOf(flags.pod);
  const podSandboxId = pod === undefined ? "" : (await resolvePod(context, pod)).id;
  const [first = "", ...others] = ids ?? [];
  const id = others.length === 0 ? first : "";
  const { runtime } = await context.backend();
  return async () => {
    const filter = { id, podSandboxId, labelSelector: { ...selector.equal } };
    const answer = await runtime.listContainerStats({ filter }, callOptions(context));
    // Some runtimes ignore the labels.
    return answer.stats.filter(
      ({ attributes }) =>
        selector.matches(attributes?.labels ?? {}) && (ids?.has(attributes?.id ?? "") ?? true),
    );
  };
}

function usageList(
  usages: readonly ContainerUsage[],
  flags: CommandInput["flags"],
): List<ContainerStats, ContainerUsage> {
  const byStats = new Map(usages.map((usage) => [usage.stats, [usage]]));
  return {
    items: usages.map(({ stats }) => stats),
    message: "ContainerStats",
    answer: "ListContainerStatsResponse",
    field: "stats",
    id: ({ attributes }) => attributes?.id ?? "",
    reference: (stats) => {
      const { namespace, name } = podOf(stats);
      return [namespace, name, stats.attributes?.metadata?.name ?? ""].filter(Boolean).join("/");
    },
    rows: (stats) => byStats.get(stats) ?? [],
    columns:
      flags["no-trunc"] === true
        ? COLUMNS.map((column) => (column.title === WHOLE_ID.title ? WHOLE_ID : column))
        : COLUMNS,
    dispensable: ["NAMESPACE", "POD", "INODES", "SWAP"],
  };
}

/** As a kubelet's labels tell; CRI's figures do not. */
function podOf({ attributes }: ContainerStats): {
  readonly name: string;
  readonly namespace: string;
} {
  const labels = attributes?.labels ?? {};
  return {
    name: labels["io.kubernetes.pod.name"] ?? "",
    namespace: labels["io.kubernetes.pod.namespace"] ?? "",
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
