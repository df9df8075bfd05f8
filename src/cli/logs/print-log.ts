import { createJsonPrinter } from "./json-printer.ts";
import type { LineFilter } from "./line-cursor.ts";
import { createLineMatcher } from "./line-matcher.ts";
import type { LinePrinter, LogOrigin } from "./line-printer.ts";
import { LogTrail, type TrailOptions } from "./log-trail.ts";
import { type LogOutputs, OutputBuffers } from "./output-buffers.ts";
import { printLines } from "./print-lines.ts";
import { printPlain } from "./print-plain.ts";
import { createTextPrinter } from "./text-printer.ts";

/** What of a log is printed, and how. */
export interface LogLook extends LineFilter {
  readonly format: "text" | "jsonl";
  readonly timestamps: boolean;
  readonly pattern?: RegExp | undefined;
  readonly limitBytes?: number | undefined;
  readonly prefixOf?: ((origin: LogOrigin) => string) | undefined;
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
    const output = new OutputBuffers(outputs);
    const printer = createPrinter(outputs, output, look);
    await printLines({ trail, origin }, { filter: look, printer, output });
  } finally {
    trail.close();
  }
}

function createPrinter({ stdout }: LogOutputs, output: OutputBuffers, look: LogLook): LinePrinter {
  const color = stdout.color && look.format === "text";
  const matcher =
    look.pattern === undefined ? undefined : createLineMatcher(look.pattern, { marks: color });
  const options = { ...look, color, matcher };
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
