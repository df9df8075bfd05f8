import { callOptions } from "../cli/call-options.ts";
import type { Command, CommandInput } from "../cli/command.ts";
import { NO_TRUNC_FLAG } from "../cli/flag-sets.ts";
import { keepLooking } from "../cli/keep-looking.ts";
import type { List } from "../cli/list-output/list.ts";
import { isWatched, onceListFlags } from "../cli/list-output/list-flags.ts";
import { prepareList } from "../cli/list-output/print-list.ts";
import type { Metric, PodSandboxMetrics } from "../cri/gen/runtime/v1/api.ts";
import { sleep } from "../host/sleep.ts";
import { formatTime } from "../output/format-time.ts";
import { shortId } from "../output/short-id.ts";

/** As crictl has it. */
const WATCH_EVERY_MS = 500;
const METRIC_TYPES: readonly string[] = ["COUNTER", "GAUGE"];
/** As --columns has them. */
const COLUMNS = ["pod-id", "container", "metric", "value", "labels", "type", "time"];

/** Prints the metrics of pods. */
export const metricsp: Command = {
  spec: {
    name: "metricsp",
    summary: "show the metrics of pods, as a kubelet collects them",
    description: "crish metricdescs tells what the metrics and their labels mean.",
    examples: [
      { line: "crish metricsp", meaning: "Of all pods that run" },
      { line: "crish metricsp -o table --sort-by metric", meaning: "A line for each value" },
    ],
    args: [],
    flags: [
      ...onceListFlags(COLUMNS, "json"),
      NO_TRUNC_FLAG,
      {
        name: "watch",
        short: "w",
        type: "boolean",
        meaning: "again every half second, until interrupted",
      },
    ],
    object: "pod",
    group: "pods",
  },
  async run(context, { flags }) {
    const print = await prepareList(context, flags);
    const { runtime } = await context.backend();
    const isWatch = flags.watch === true;
    const { signal } = context;
    const look = async () =>
      (await runtime.listPodSandboxMetrics({}, callOptions(context))).podMetrics;
    const looks = await keepLooking(context, look, { isTold: true });
    await print(metricList(looks.seen, flags));
    while (isWatch) {
      await sleep(looks.waitMs(WATCH_EVERY_MS), { signal });
      if (await looks.again()) await print(metricList(looks.seen, flags));
    }
    return 0;
  },
  endsAtInterrupt: isWatched,
};

interface MetricRow {
  readonly podId: string;
  /** Empty for what is the pod's own. */
  readonly containerId: string;
  readonly metric: Metric;
}

function metricList(
  items: readonly PodSandboxMetrics[],
  flags: CommandInput["flags"],
): List<PodSandboxMetrics, MetricRow> {
  const cut = (id: string) => (flags["no-trunc"] === true ? id : shortId(id));
  return {
    items,
    message: "PodSandboxMetrics",
    answer: "ListPodSandboxMetricsResponse",
    field: "podMetrics",
    id: ({ podSandboxId }) => podSandboxId,
    reference: ({ podSandboxId }) => podSandboxId,
    rows: rowsOf,
    dispensable: ["LABELS"],
    columns: [
      { title: "POD ID", cell: ({ podId }) => cut(podId), sortKey: ({ podId }) => podId },
      { title: "CONTAINER", cell: ({ containerId }) => cut(containerId) || "-" },
      { title: "METRIC", cell: ({ metric }) => metric.name },
      {
        title: "VALUE",
        cell: ({ metric }) => metric.value?.value.toString() ?? "-",
        sortKey: ({ metric }) => metric.value?.value ?? -1n,
      },
      { title: "LABELS", cell: ({ metric }) => metric.labelValues.join(",") },
      { title: "TYPE", cell: ({ metric }) => METRIC_TYPES[metric.metricType] ?? "", shown: "wide" },
      { title: "TIME", cell: ({ metric }) => formatTime(metric.timestamp), shown: "wide" },
    ],
  };
}

function rowsOf({ podSandboxId, metrics, containerMetrics }: PodSandboxMetrics): MetricRow[] {
  const rows = (containerId: string, of: readonly Metric[]) =>
    of.map((metric) => ({ podId: podSandboxId, containerId, metric }));
  return [
    ...rows("", metrics),
    ...containerMetrics.flatMap(({ containerId, metrics: own }) => rows(containerId, own)),
  ];
}
