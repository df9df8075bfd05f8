import { LineCursor, type LineFilter } from "./line-cursor.ts";
import type { LinePrinter, LogOrigin } from "./line-printer.ts";
import { parseTimestamp } from "./log-time.ts";
import type { LogTrail } from "./log-trail.ts";
import type { OutputBuffers } from "./output-buffers.ts";

export interface LinesOutput {
  readonly printer: LinePrinter;
  readonly output: OutputBuffers;
}

/** The lines of one container's log. */
export class LineSource {
  readonly origin: LogOrigin;
  /** The time of the cursor's line, or of the last line before it that has one. */
  seconds = 0;
  nanos = 0;
  readonly cursor: LineCursor;
  private readonly trail: LogTrail;

  constructor(origin: LogOrigin, trail: LogTrail, filter: LineFilter) {
    this.origin = origin;
    this.trail = trail;
    this.cursor = new LineCursor(filter);
  }

  /** Goes to the next line and reads as far as that needs. False where there is none at present. */
  async next(): Promise<boolean> {
    do {
      if (this.cursor.next()) return true;
    } while (await this.cursor.fill((target) => this.trail.read(target)));
    return false;
  }

  readTime(): void {
    const { stamp, stampStart, stampEnd } = this.cursor.line;
    const time = parseTimestamp(stamp, stampStart, stampEnd);
    if (time === undefined) return;
    this.seconds = time.seconds;
    this.nanos = time.nanos;
  }

  /** Prints what there is at present. */
  async print({ printer, output }: LinesOutput): Promise<void> {
    const { cursor, origin } = this;
    while (!printer.isDone && (await this.next())) {
      do {
        printer.print(cursor.line, origin);
        if (output.isFull) await output.flush();
      } while (!printer.isDone && cursor.next());
    }
    await output.flush();
  }

  /** Prints what there is of lines whose end is not there. */
  async printUnfinished({ printer, output }: LinesOutput): Promise<void> {
    while (!printer.isDone && this.cursor.nextUnfinished()) {
      printer.print(this.cursor.line, this.origin);
    }
    await output.flush();
  }

  waitForMore(): Promise<boolean> {
    return this.trail.waitForMore();
  }

  close(): void {
    this.trail.close();
  }
}

/** Prints the lines of one log, and what is appended to it while it is followed. */
export async function printLines(source: LineSource, to: LinesOutput): Promise<void> {
  do {
    await source.print(to);
    // A prompt, say, has no newline yet.
    await source.printUnfinished(to);
  } while (!to.printer.isDone && (await source.waitForMore()));
}
