import type { LogLine } from "./line-cursor.ts";
import type { LineMatcher } from "./line-matcher.ts";
import type { LinePrinter, LogOrigin } from "./line-printer.ts";
import type { LogStream } from "./log-entry.ts";
import { writeTimestamp } from "./log-time.ts";
import type { OutputBuffers } from "./output-buffers.ts";

export interface TextOptions {
  readonly timestamps: boolean;
  /** What stands before each line of a container; undefined for nothing. */
  readonly prefixOf?: ((origin: LogOrigin, color: boolean) => Uint8Array) | undefined;
  readonly matcher?: LineMatcher | undefined;
  /** Where matches are shown, and colours of a line are kept from running into the next. */
  readonly colorOn: Readonly<Record<LogStream, boolean>>;
  /** Stop after this many bytes over both streams; undefined for no limit. */
  readonly limitBytes?: number | undefined;
}

const NEWLINE = 10;
const SPACE = 32;
const ESCAPE = 27;
const RESET = "\x1b[0m";
/** A timestamp with nine digits. */
const STAMP_BYTES = 80;

/** Prints lines as they are, with what the options put before them. */
export function createTextPrinter(output: OutputBuffers, options: TextOptions): LinePrinter {
  const { timestamps, prefixOf, matcher, colorOn } = options;
  let remaining = options.limitBytes ?? Number.POSITIVE_INFINITY;
  /** The container whose line has not ended yet. */
  let unfinished: LogOrigin | undefined;
  const startLine = (buffer: ReturnType<OutputBuffers["to"]>, line: LogLine, origin: LogOrigin) => {
    if (prefixOf !== undefined) {
      const prefix = prefixOf(origin, colorOn[line.stream]);
      buffer.append(prefix, 0, prefix.length);
    }
    if (!timestamps || line.stampEnd === line.stampStart) return;
    const bytes = buffer.reserve(STAMP_BYTES);
    buffer.length = writeTimestamp(
      line.stamp,
      line.stampStart,
      line.stampEnd,
      bytes,
      buffer.length,
    );
    buffer.appendByte(SPACE);
  };
  return {
    get isDone() {
      return remaining <= 0;
    },
    print(line, origin) {
      const text = matcher?.match(line);
      if (matcher !== undefined && text === undefined) return;
      const buffer = output.to(line.stream);
      const color = colorOn[line.stream];
      const before = buffer.length;
      if (
        unfinished !== undefined &&
        prefixOf !== undefined &&
        (line.isStart || unfinished !== origin)
      ) {
        buffer.appendByte(NEWLINE);
        startLine(buffer, line, origin);
      } else if (line.isStart) {
        startLine(buffer, line, origin);
      }
      if (text !== undefined && color && text.marked !== undefined) buffer.appendText(text.marked);
      else buffer.append(line.bytes, line.start, line.end);
      if (color && prefixOf !== undefined && hasEscape(line)) buffer.appendText(RESET);
      if (line.isEnd) buffer.appendByte(NEWLINE);
      unfinished = line.isEnd ? undefined : origin;
      remaining -= buffer.length - before;
      if (remaining < 0) buffer.length += remaining;
    },
  };
}

function hasEscape({ bytes, start, end }: LogLine): boolean {
  const at = bytes.indexOf(ESCAPE, start);
  return at >= 0 && at < end;
}
