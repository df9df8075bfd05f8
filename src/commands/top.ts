import type { Command, CommandInput, FlagSpec } from "../cli/command.ts";
import type { Context } from "../cli/context.ts";
import { CONTAINER_FILTER_FLAGS, NO_TRUNC_FLAG } from "../cli/flag-sets.ts";
import { tableStyle } from "../cli/table-style.ts";
import { renderTop, TOP_DISPENSABLE } from "../cli/top/render-top.ts";
import { createSampler } from "../cli/top/take-sample.ts";
import { SORT_KEYS, type SortKey, sortRows, topRows } from "../cli/top/top-rows.ts";
import type { TopOptions } from "../cli/top/watch-top.ts";
import { StatusError } from "../errors/status-error.ts";
import { sleep } from "../host/sleep.ts";

const DEFAULT_INTERVAL_MS = 2000;
const LEAST_INTERVAL_MS = 100;

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
      "I/O, processes and name. Without a terminal, or with -n, tables. 100 % is one core; limits",
      "stand behind a slash. The network is the pod's. What CRI does not tell is the kernel's, where",
      "the runtime is on this node.",
    ].join("\n"),
    examples: [
      { line: "crish top", meaning: "All that run" },
      { line: "crish top --namespace shop --sort memory", meaning: "Of a namespace" },
      { line: "crish top -n 3 --interval 10s", meaning: "Three tables" },
    ],
    args: [],
    flags: [
      ...FILTERS,
      {
        name: "sort",
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
        meaning: "print so many tables and end",
        placeholder: "N",
      },
      NO_TRUNC_FLAG,
    ],
    object: "container",
    group: "containers",
  },
  async run(context, { flags }) {
    const intervalMs = typeof flags.interval === "number" ? flags.interval : DEFAULT_INTERVAL_MS;
    if (intervalMs < LEAST_INTERVAL_MS) {
      throw new StatusError("InvalidArgument", "--interval is less than 100ms");
    }
    const count = typeof flags.iterations === "number" ? flags.iterations : undefined;
    if (count !== undefined && count < 1) {
      throw new StatusError("InvalidArgument", "--iterations is less than 1");
    }
    const sortKey = SORT_KEYS.find((key): key is SortKey => key === flags.sort) ?? "cpu";
    const options = { sample: createSampler(context, flags), intervalMs, sortKey };
    if (isLive(context, flags)) {
      const { watchTop } = await import("../cli/top/watch-top.ts");
      await watchTop(context, options);
    } else {
      await printTables(context, options, {
        count: count ?? 1,
        isWhole: flags["no-trunc"] === true,
      });
    }
    return 0;
  },
  endsAtInterrupt: (context, { flags }) => isLive(context, flags),
};

/** Tables end by themselves. */
function isLive({ stdin, stdout }: Context, flags: CommandInput["flags"]): boolean {
  return flags.iterations === undefined && stdin.isTty && stdout.canRedraw;
}

/** Each from two samples, with an empty line between them. */
async function printTables(
  context: Context,
  { sample, intervalMs, sortKey }: TopOptions,
  { count, isWhole }: { readonly count: number; readonly isWhole: boolean },
): Promise<void> {
  const style = tableStyle(context, { "no-trunc": isWhole }, TOP_DISPENSABLE);
  let before = await sample();
  for (let done = 0; done < count; done++) {
    await sleep(intervalMs, { signal: context.signal });
    const now = await sample();
    const table = await renderTop(sortRows(topRows(before, now), sortKey), style);
    await context.stdout.write(done === 0 ? table : `\n${table}`);
    before = now;
  }
}
