import { processJob } from "../../host/job-control.ts";
import { formatCount } from "../../output/format-count.ts";
import { withTerminal } from "../../streaming/terminal.ts";
import type { Context } from "../context.ts";
import { keepLooking } from "../keep-looking.ts";
import type { List } from "../list-output/list.ts";
import { openLiveScreen } from "../live-screen.ts";
import { topList, totalsOf } from "./render-top.ts";
import type { Sample } from "./take-sample.ts";
import { type SortKey, sortRows, type TopRow, topRows } from "./top-rows.ts";

export interface TopOptions {
  readonly sample: () => Promise<Sample>;
  readonly intervalMs: number;
  readonly sortKey: SortKey;
  readonly renderTable: (list: List<TopRow>) => Promise<string>;
}

const CTRL_C = "\u0003";
const CTRL_Z = "\u001a";
const SORT_BY_KEY: Readonly<Record<string, SortKey>> = {
  c: "cpu",
  m: "memory",
  n: "network",
  i: "io",
  p: "pids",
  a: "name",
};
const HELP = "c m n i p a sort, q quits";

/**
 * Shows what containers use, again and again on a screen of its own, until q, Ctrl-C or the signal.
 * The terminal is as it was afterwards, and while the process is stopped by Ctrl-Z.
 */
export async function watchTop(context: Context, options: TopOptions): Promise<void> {
  const { stdin, stdout } = context;
  // A runtime that does not answer is told of where it can be read.
  const looks = await keepLooking(context, options.sample, { isTold: false });
  const ending = new AbortController();
  const signal = AbortSignal.any([context.signal, ending.signal]);
  await withTerminal({ input: stdin, output: stdout, signal }, async ({ stdin: typed }) => {
    const screen = await openLiveScreen(stdout, signal);
    let before = looks.seen;
    let rows: readonly TopRow[] = topRows(before, before);
    let sortKey = options.sortKey;
    const draw = async () => {
      const table = await options.renderTable(topList(sortRows(rows, sortKey)));
      await screen.show(`${title(rows, sortKey)}\n\n${table}`, await looks.note());
    };
    typed.on("data", (bytes: Buffer) => {
      for (const key of bytes.toString()) {
        sortKey = SORT_BY_KEY[key.toLowerCase()] ?? sortKey;
        if (key === "q" || key === "Q" || key === CTRL_C) ending.abort();
        if (key === CTRL_Z && processJob.canStop()) processJob.stop();
      }
      if (!signal.aborted) void draw().catch(() => {});
    });
    const ended = aborted(signal);
    try {
      while (!signal.aborted) {
        await draw();
        const paused = await screen.pause(looks.waitMs(options.intervalMs));
        if (paused === "resized" || signal.aborted) continue;
        // A runtime that hangs keeps nobody here.
        if (!(await Promise.race([looks.again(), ended]))) continue;
        rows = topRows(before, looks.seen, rows);
        before = looks.seen;
      }
    } catch (error) {
      // q and Ctrl-C are how it ends.
      if (!signal.aborted) throw error;
    } finally {
      await screen.close();
    }
  });
}

function title(rows: readonly TopRow[], sortKey: SortKey): string {
  const at = new Date().toTimeString().slice(0, 8);
  const pods = new Set(rows.map(({ pod }) => pod)).size;
  const counts = `${formatCount(rows.length, "container")} in ${formatCount(pods, "pod")}`;
  return `${at}  ${counts}  ${totalsOf(rows)}  by ${sortKey}   ${HELP}`;
}

function aborted(signal: AbortSignal): Promise<false> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(false);
    signal.addEventListener("abort", () => resolve(false), { once: true });
  });
}
