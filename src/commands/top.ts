import type { Command, CommandInput, FlagSpec } from "../cli/command.ts";
import type { Context } from "../cli/context.ts";
import { CONTAINER_FILTER_FLAGS, NO_TRUNC_FLAG } from "../cli/flag-sets.ts";
import { chooseColumns } from "../cli/list-output/choose-columns.ts";
import type { List } from "../cli/list-output/list.ts";
import { onceListFlags } from "../cli/list-output/list-flags.ts";
import { prepareList, renderColumns } from "../cli/list-output/print-list.ts";
import { parseFormat } from "../cli/output-format.ts";
import { TOP_COLUMNS, topList } from "../cli/top/render-top.ts";
import { createSampler } from "../cli/top/take-sample.ts";
import { SORT_KEYS, type SortKey, sortRows, type TopRow, topRows } from "../cli/top/top-rows.ts";
import type { TopOptions } from "../cli/top/watch-top.ts";
import { StatusError } from "../errors/status-error.ts";
import { sleep } from "../host/sleep.ts";

const DEFAULT_INTERVAL_MS = 2000;
const LEAST_INTERVAL_MS = 100;

/** What can be shown live. */
const TABLES: readonly string[] = ["table", "wide", "custom-columns"];

/** Only what runs uses anything; and -n counts tables here. */
const FILTERS: readonly FlagSpec[] = CONTAINER_FILTER_FLAGS.filter(
  ({ name }) => !["state", "latest", "last"].includes(name),
);

/** Shows what containers use, live. */
export const top: Command = {
  spec: {
    name: "top",
    summary: "watch what containers use: CPU, memory, network, block I/O, processes",
    description: [
      "On a screen of its own until q or Ctrl-C; c, m, n, i, p and a sort by CPU, memory, network,",
      "I/O, processes and name. Without a terminal, with -n, and with -o json and its like it prints",
      "and ends. 100 % is one core; limits stand behind a slash. The network is the pod's. What CRI",
      "does not tell is the kernel's, where the runtime is on this node. Where that is restarted, the",
      "screen goes on as soon as it is back.",
    ].join("\n"),
    examples: [
      { line: "crish top", meaning: "All that run" },
      { line: "crish top --namespace shop --sort memory", meaning: "Of a namespace" },
      { line: "crish top -n 3 --interval 10s", meaning: "Three tables" },
      { line: "crish top -o jsonl", meaning: "A line of JSON for each container" },
    ],
    args: [],
    flags: [
      ...FILTERS,
      {
        name: "sort",
        aliases: ["sort-by"],
        short: "s",
        type: "enum",
        values: SORT_KEYS,
        default: "cpu",
        meaning: "what is most stands first",
        placeholder: "KEY",
      },
      {
        name: "interval",
        short: "d",
        type: "duration",
        meaning: "time between two samples (default 2s)",
        placeholder: "DURATION",
      },
      {
        name: "iterations",
        short: "n",
        type: "integer",
        meaning: "print so many times and end",
        placeholder: "N",
      },
      NO_TRUNC_FLAG,
      ...onceListFlags(TOP_COLUMNS).filter(({ name }) => name !== "sort-by"),
    ],
    object: "container",
    group: "containers",
  },
  async run(context, { flags }) {
    const options = await readOptions(context, flags);
    if (isLive(context, flags)) {
      const { watchTop } = await import("../cli/top/watch-top.ts");
      await watchTop(context, options);
    } else {
      await printTimes(context, flags, options);
    }
    return 0;
  },
  endsAtInterrupt: (context, { flags }) => isLive(context, flags),
};

/** Anything else is printed and ends by itself. */
function isLive({ stdin, stdout }: Context, flags: CommandInput["flags"]): boolean {
  return flags.iterations === undefined && isTable(flags) && stdin.isTty && stdout.canRedraw;
}

function isTable(flags: CommandInput["flags"]): boolean {
  return TABLES.includes(parseFormat(flags).kind);
}

interface PrintOptions extends TopOptions {
  readonly count: number | undefined;
}

/** Throws InvalidArgument for what is wrong in the flags, columns too, before anything is asked. */
async function readOptions(context: Context, flags: CommandInput["flags"]): Promise<PrintOptions> {
  const intervalMs = typeof flags.interval === "number" ? flags.interval : DEFAULT_INTERVAL_MS;
  if (intervalMs < LEAST_INTERVAL_MS) {
    throw new StatusError("InvalidArgument", "--interval is less than 100ms");
  }
  const count = typeof flags.iterations === "number" ? flags.iterations : undefined;
  if (count !== undefined && count < 1) {
    throw new StatusError("InvalidArgument", "--iterations is less than 1");
  }
  const format = parseFormat(flags);
  const renderTable = async (list: List<TopRow>) =>
    await renderColumns(context, flags, list, await chooseColumns(list, flags, format));
  await renderTable(topList([]));
  return {
    sample: createSampler(context, flags),
    intervalMs,
    sortKey: SORT_KEYS.find((key): key is SortKey => key === flags.sort) ?? "cpu",
    renderTable,
    count,
  };
}

/** Each time from two samples, with an empty line between tables and a line between documents of YAML. */
async function printTimes(
  context: Context,
  flags: CommandInput["flags"],
  { sample, intervalMs, sortKey, count = 1 }: PrintOptions,
): Promise<void> {
  const print = await prepareList(context, flags);
  const between = isTable(flags) ? "\n" : flags.output === "yaml" ? "---\n" : "";
  let before = await sample();
  for (let done = 0; done < count; done++) {
    await sleep(intervalMs, { signal: context.signal });
    const now = await sample();
    if (done > 0 && between !== "") await context.stdout.write(between);
    await print(topList(sortRows(topRows(before, now), sortKey)));
    before = now;
  }
}
