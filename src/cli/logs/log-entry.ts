/**
 * Container log files: decoding, reading from either end, following. This room owns the CRI log
 * format, Docker's json-file and how both are rotated.
 *
 * A CRI entry is `TIMESTAMP STREAM TAGS TEXT`, TAGS being P for a part of a line and F for its end.
 * Specification: Kubernetes' CRI logging design; a line that fits neither format is shown as it is.
 *
 * Two decoders share the work. The kernel takes the headers off at the speed of memory (decision
 * 0018): of all that comes (plain-decoder.ts), or of whole lines, with their times (line-decoder.ts).
 * What it does not know, and whatever has prefixes, limits, JSON or several containers, goes through the
 * line cursor. Neither makes a string or a buffer per line.
 */
import { decodeJsonEntry } from "./json-entry.ts";

export type LogStream = "stdout" | "stderr";

/** One entry of a log file. One object is filled again and again: its bytes belong to the reader. */
export interface LogEntry {
  stream: LogStream;
  /** Whether its line goes on in the next entry of the stream. */
  isPart: boolean;
  /** The text, without a newline, is `bytes` from `start` to `end`. */
  bytes: Buffer;
  start: number;
  end: number;
  /** RFC 3339; empty for a line of no known format. */
  stamp: Buffer;
  stampStart: number;
  stampEnd: number;
}

const NEWLINE = 10;
const SPACE = 32;
const COLON = 58;
const BRACE = 123;
const NOTHING = Buffer.alloc(0);

export function createLogEntry(): LogEntry {
  return {
    stream: "stdout",
    isPart: false,
    bytes: NOTHING,
    start: 0,
    end: 0,
    stamp: NOTHING,
    stampStart: 0,
    stampEnd: 0,
  };
}

/**
 * Reads the line between two offsets, its newline left out. `unknownStream` is where a line of no
 * known format belongs.
 */
export function readLogEntry(
  entry: LogEntry,
  input: Buffer,
  start: number,
  end: number,
  unknownStream: LogStream = "stdout",
): void {
  const space = endOfStamp(input, start, end);
  const stream = space < 0 ? undefined : streamAt(input, space + 1, end);
  if (stream !== undefined) {
    const tags = space + 8;
    // More tags may follow the first, parted by colons.
    const text = input[tags + 1] === COLON ? input.indexOf(SPACE, tags) : tags + 1;
    entry.stream = stream;
    entry.isPart = input[tags] === 80;
    entry.stamp = input;
    entry.stampStart = start;
    entry.stampEnd = space;
    entry.bytes = input;
    entry.start = text < 0 ? end : Math.min(text + 1, end);
    entry.end = end;
    return;
  }
  const json = input[start] === BRACE ? decodeJsonEntry(input.subarray(start, end)) : undefined;
  if (json !== undefined) {
    const { text, time } = json;
    entry.stream = json.stream;
    entry.isPart = text[text.length - 1] !== NEWLINE;
    entry.stamp = time;
    entry.stampStart = 0;
    entry.stampEnd = time.length;
    entry.bytes = text;
    entry.start = 0;
    entry.end = entry.isPart ? text.length : text.length - 1;
    return;
  }
  entry.stream = unknownStream;
  entry.isPart = false;
  entry.stampStart = 0;
  entry.stampEnd = 0;
  entry.bytes = input;
  entry.start = start;
  entry.end = end;
}

/** The offset of the space behind a timestamp that the line begins with; -1 where it has none. */
function endOfStamp(input: Uint8Array, start: number, end: number): number {
  if (input[start + 4] !== 45 || input[start + 10] !== 84) return -1;
  for (let at = start; at < end && at <= start + 40; at++) {
    if (input[at] === SPACE) return at - start < 20 ? -1 : at;
  }
  return -1;
}

/** The stream of `stdout F…` and its like, where a space, a colon or the end follows the tag. */
function streamAt(input: Uint8Array, at: number, end: number): LogStream | undefined {
  if (at + 8 > end) return undefined;
  if (input[at] !== 115 || input[at + 1] !== 116 || input[at + 2] !== 100) return undefined;
  if (input[at + 6] !== SPACE || (input[at + 7] !== 70 && input[at + 7] !== 80)) return undefined;
  if (at + 8 < end && input[at + 8] !== SPACE && input[at + 8] !== COLON) return undefined;
  if (input[at + 3] === 111 && input[at + 4] === 117 && input[at + 5] === 116) return "stdout";
  if (input[at + 3] === 101 && input[at + 4] === 114 && input[at + 5] === 114) return "stderr";
  return undefined;
}
