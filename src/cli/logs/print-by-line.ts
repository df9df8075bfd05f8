import { LineDecoder } from "./kernel/line-decoder.ts";
import type { DecodedText } from "./kernel/plain-decoder.ts";
import { LineCursor } from "./line-cursor.ts";
import type { LogOrigin } from "./line-printer.ts";
import type { LogTrail } from "./log-trail.ts";
import { MatchingLines } from "./matching-lines.ts";
import { type LogOutputs, orderOfOutputs } from "./output-buffers.ts";
import type { LinesOutput } from "./print-lines.ts";
import type { LogLook } from "./print-log.ts";

export interface ByLineOptions {
  readonly look: LogLook;
  readonly origin: LogOrigin;
  /** Where lines go that the cursor reads. */
  readonly to: LinesOutput;
}

const NEWLINE = 10;
const FIRST_STEP_BYTES = 4 * 1024;
const MOST_STEP_BYTES = 256 * 1024;

/**
 * Prints a log by its whole lines, with times, as fast as memory allows: the kernel takes what is
 * plainly a line, and the line cursor all else. False, with nothing read, where that is not possible.
 */
export async function printByLine(
  outputs: LogOutputs,
  trail: LogTrail,
  options: ByLineOptions,
): Promise<boolean> {
  const { look } = options;
  const order = orderOfOutputs(outputs);
  const { stream, since, until, timestamps } = look;
  if (order === "unknown" || !isByLine(look, outputs)) return false;
  const filter = { stream, since, until };
  const decoder = LineDecoder.create({ ...filter, timestamps, isShared: order === "shared" });
  if (decoder === undefined) return false;
  const lines = new FastLines(decoder, outputs, options);
  do {
    for (;;) {
      const count = await trail.read(decoder.input);
      if (count === 0) break;
      decoder.add(count);
      await lines.print();
      decoder.compact();
    }
    await lines.printUnfinished();
  } while (await trail.waitForMore());
  return true;
}

/** What stands before lines, colours in them and an end among them need the line printer. */
function isByLine(look: LogLook, { stdout, stderr }: LogOutputs): boolean {
  return (
    look.format === "text" &&
    look.prefixOf === undefined &&
    look.limitBytes === undefined &&
    (look.pattern === undefined || !(stdout.color || stderr.color))
  );
}

/** Lines of one log out of the kernel and out of the cursor, in their order. */
class FastLines {
  private readonly decoder: LineDecoder;
  private readonly outputs: LogOutputs;
  private readonly origin: LogOrigin;
  private readonly to: LinesOutput;
  private readonly cursor: LineCursor;
  private readonly matching: MatchingLines | undefined;
  /** How much the cursor gets at a time: more the less the kernel can do. */
  private stepBytes = 0;

  constructor(decoder: LineDecoder, outputs: LogOutputs, { look, origin, to }: ByLineOptions) {
    this.decoder = decoder;
    this.outputs = outputs;
    this.origin = origin;
    this.to = to;
    this.cursor = new LineCursor(look);
    this.matching =
      look.pattern === undefined
        ? undefined
        : new MatchingLines(look.pattern, { hasStamps: look.timestamps });
  }

  /** Prints what the decoder has, but for the begin of a line. */
  async print(): Promise<void> {
    const { decoder, cursor, to } = this;
    for (;;) {
      // Parts of a line are waiting in the cursor, and the line's end may be next.
      if (cursor.isIdle) {
        const before = decoder.rest.length;
        await this.write(decoder.decode());
        const left = decoder.rest.length;
        if (left === 0) return;
        this.stepBytes = before - left >= this.stepBytes ? 0 : this.stepBytes;
      }
      const count = this.countForCursor();
      if (count === 0) return;
      cursor.push(decoder.rest.subarray(0, count));
      decoder.skip(count);
      while (cursor.next()) {
        to.printer.print(cursor.line, this.origin);
        if (to.output.isFull) await to.output.flush();
      }
    }
  }

  /** Nothing more has come: what there is of lines whose end is missing, and all that was gathered. */
  async printUnfinished(): Promise<void> {
    const { cursor, to } = this;
    while (cursor.nextUnfinished()) to.printer.print(cursor.line, this.origin);
    await to.output.flush();
  }

  private async write(text: DecodedText): Promise<void> {
    const { output } = this.to;
    for (const stream of ["stdout", "stderr"] as const) {
      const bytes = text[stream];
      if (bytes.length === 0) continue;
      if (this.matching !== undefined) this.matching.append(bytes, output.to(stream));
      else if (output.isEmpty) await this.outputs[stream].write(bytes);
      else output.to(stream).append(bytes, 0, bytes.length);
    }
    if (output.isFull) await output.flush();
  }

  /** Whole lines, or a line that is longer than the decoder's memory; 0 where more must come. */
  private countForCursor(): number {
    const { rest } = this.decoder;
    const newline = rest.indexOf(NEWLINE, Math.min(this.stepBytes, rest.length));
    const last = newline < 0 ? rest.lastIndexOf(NEWLINE) : newline;
    this.stepBytes = Math.min(Math.max(this.stepBytes * 2, FIRST_STEP_BYTES), MOST_STEP_BYTES);
    if (last >= 0) return last + 1;
    return this.decoder.isFull ? rest.length : 0;
  }
}
