import { statSync } from "node:fs";
import { hasCode } from "../../errors/status-error.ts";
import type { LogOrigin } from "./line-printer.ts";
import { LogTrail } from "./log-trail.ts";
import { mergeLines } from "./merge-lines.ts";
import type { LogOutputs } from "./output-buffers.ts";
import { LineSource, type LinesOutput } from "./print-lines.ts";
import { type LogLook, openLinesOutput } from "./print-log.ts";

/** One log of several. */
export interface SourceLog {
  readonly origin: LogOrigin;
  /** Where it lies. */
  find(): Promise<string>;
  /** Whether more may come of it; absent where it is not followed. */
  readonly mayGrow?: (() => Promise<boolean>) | undefined;
  /** A container that has not started has none yet. */
  readonly mayBeMissing: boolean;
}

export interface PrintLogsOptions {
  readonly look: LogLook;
  /** Of each log, and not of those that join. */
  readonly tailLines?: number | undefined;
  readonly signal: AbortSignal;
  /** Told what cannot be read; the others are printed all the same. */
  report(error: unknown): void;
  /**
   * Waits a while and resolves to the logs that have joined since; undefined where none will any
   * more. It is told how many logs are being followed. Absent where none ever join.
   */
  joining?(followed: number): Promise<readonly SourceLog[] | undefined>;
}

/**
 * Prints several logs: what there is by the times of its lines, and where they are followed then what
 * comes, in the order of its arrival, until all have ended and none will join. Lines are not torn.
 */
export async function printLogs(
  outputs: LogOutputs,
  logs: readonly SourceLog[],
  options: PrintLogsOptions,
): Promise<void> {
  const done = new AbortController();
  const signal = AbortSignal.any([options.signal, done.signal]);
  const to = openLinesOutput(outputs, options.look);
  const opened = await Promise.all(logs.map((log) => openNow(log, { ...options, signal })));
  const sources = opened.filter((source) => source instanceof LineSource);
  const following = new Set<Promise<void>>();
  const start = (work: Promise<void>) => {
    const settled = work.catch(options.report).finally(() => {
      following.delete(settled);
      if (to.printer.isDone) done.abort();
    });
    following.add(settled);
  };
  try {
    await mergeLines(sources, to);
    for (const source of sources) start(follow(source, to));
    const late = logs.filter((_log, index) => opened[index] === "later");
    for (const log of late) start(followWhenThere(log, to, { ...options, signal }));
    while (options.joining !== undefined && !signal.aborted) {
      const joined = await options.joining(following.size);
      if (joined === undefined) break;
      const whole = { ...options, signal, tailLines: undefined };
      for (const log of joined) start(followWhenThere(log, to, whole));
    }
    while (following.size > 0) await Promise.race(following);
  } finally {
    for (const source of sources) source.close();
  }
}

/** What is appended, to its end. */
async function follow(source: LineSource, to: LinesOutput): Promise<void> {
  while (!to.printer.isDone && (await source.waitForMore())) await source.print(to);
  await source.printUnfinished(to);
}

async function followWhenThere(
  log: SourceLog,
  to: LinesOutput,
  options: PrintLogsOptions,
): Promise<void> {
  const source = await open(await log.find(), log, options);
  if (source === undefined) return;
  try {
    await source.print(to);
    await follow(source, to);
  } finally {
    source.close();
  }
}

/** The log where its file is there; "later" where that may come. What fails is reported. */
async function openNow(
  log: SourceLog,
  options: PrintLogsOptions,
): Promise<LineSource | "later" | undefined> {
  try {
    const path = await log.find();
    const isThere = statSync(path, { throwIfNoEntry: false }) !== undefined;
    if (!isThere && log.mayGrow !== undefined) return "later";
    return await open(path, log, options);
  } catch (error) {
    options.report(error);
    return undefined;
  }
}

async function open(
  path: string,
  { origin, mayGrow, mayBeMissing }: SourceLog,
  { look, tailLines, signal, report }: PrintLogsOptions,
): Promise<LineSource | undefined> {
  try {
    const reading = { ...look, tailLines, follow: mayGrow, signal, warn: report };
    const trail = await LogTrail.open(path, reading);
    return trail === undefined ? undefined : new LineSource(origin, trail, look);
  } catch (error) {
    if (mayBeMissing && hasCode(error, "NotFound")) return undefined;
    throw error;
  }
}
