import { LineCursor, type LineFilter } from "./line-cursor.ts";
import type { LinePrinter, LogOrigin } from "./line-printer.ts";
import type { LogTrail } from "./log-trail.ts";
import type { OutputBuffers } from "./output-buffers.ts";

/** One log among those that are printed. */
export interface LogSource {
  readonly origin: LogOrigin;
  readonly trail: LogTrail;
}

export interface PrintLinesOptions {
  readonly filter: LineFilter;
  readonly printer: LinePrinter;
  readonly output: OutputBuffers;
}

/** Prints the lines of one log, and of what is appended to it while it is followed. */
export async function printLines(
  { origin, trail }: LogSource,
  { filter, printer, output }: PrintLinesOptions,
): Promise<void> {
  const cursor = new LineCursor(filter);
  do {
    for (;;) {
      while (cursor.next()) {
        printer.print(cursor.line, origin);
        if (printer.isDone) return await output.flush();
        if (output.isFull) await output.flush();
      }
      if (!(await cursor.fill((target) => trail.read(target)))) break;
    }
    // A prompt, say, has no newline yet.
    while (cursor.nextUnfinished()) printer.print(cursor.line, origin);
    await output.flush();
  } while (await trail.waitForMore());
}
