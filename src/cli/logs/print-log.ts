import { createJsonPrinter } from "./json-printer.ts";
import type { LineFilter } from "./line-cursor.ts";
import { createLineMatcher } from "./line-matcher.ts";
import type { LinePrinter, LogOrigin } from "./line-printer.ts";
import { LogTrail, type TrailOptions } from "./log-trail.ts";
import { type LogOutputs, OutputBuffers } from "./output-buffers.ts";
import { printByLine } from "./print-by-line.ts";
import { LineSource, type LinesOutput, printLines } from "./print-lines.ts";
import { printPlain } from "./print-plain.ts";
import { createTextPrinter } from "./text-printer.ts";

/** What of a log is printed, and how. */
export interface LogLook extends LineFilter {
  readonly format: "text" | "jsonl";
  readonly timestamps: boolean;
  /** Only lines that match. */
  readonly pattern?: RegExp | undefined;
  /** Stop after this many bytes. */
  readonly limitBytes?: number | undefined;
  /** What stands before each line. */
  readonly prefixOf?: ((origin: LogOrigin, color: boolean) => Uint8Array) | undefined;
}

export interface PrintLogOptions extends Omit<TrailOptions, keyof LineFilter> {
  /** The text alone, where absent. */
  readonly look?: LogLook;
  readonly origin?: LogOrigin;
}

const PLAIN_LOOK: LogLook = { format: "text", timestamps: false };
const NOWHERE: LogOrigin = { namespace: "", pod: "", container: "" };

/**
 * Prints one log to its end, or for as long as it is followed. Throws NotFound where there is no
 * such file and nothing to wait for.
 */
export async function printLog(
  outputs: LogOutputs,
  path: string,
  { look = PLAIN_LOOK, origin = NOWHERE, ...reading }: PrintLogOptions,
): Promise<void> {
  const trail = await LogTrail.open(path, { ...look, ...reading });
  if (trail === undefined) return;
  try {
    if (isPlain(look) && (await printPlain(outputs, trail, look.stream))) return;
    const to = openLinesOutput(outputs, look);
    if (await printByLine(outputs, trail, { look, origin, to })) return;
    await printLines(new LineSource(origin, trail, look), to);
  } finally {
    trail.close();
  }
}

/** Where lines are printed to that look so. */
export function openLinesOutput(outputs: LogOutputs, look: LogLook): LinesOutput {
  const output = new OutputBuffers(outputs);
  return { output, printer: createPrinter(outputs, output, look) };
}

function createPrinter(
  { stdout, stderr }: LogOutputs,
  output: OutputBuffers,
  look: LogLook,
): LinePrinter {
  const marks = look.format === "text" && (stdout.color || stderr.color);
  const matcher =
    look.pattern === undefined ? undefined : createLineMatcher(look.pattern, { marks });
  const colorOn = { stdout: stdout.color, stderr: stderr.color };
  const options = { ...look, colorOn, matcher };
  return look.format === "jsonl"
    ? createJsonPrinter(output, options)
    : createTextPrinter(output, options);
}

/** Whether the text alone is wanted, all of it. */
function isPlain(look: LogLook): boolean {
  return (
    look.format === "text" &&
    !look.timestamps &&
    look.since === undefined &&
    look.until === undefined &&
    look.pattern === undefined &&
    look.limitBytes === undefined &&
    look.prefixOf === undefined
  );
}
