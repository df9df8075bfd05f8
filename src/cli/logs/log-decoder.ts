/**
 * Container log files: decoding, reading from either end, following. This room owns the CRI log
 * format and Docker's json-file; it refuses to know where a log comes from.
 *
 * A CRI entry is `TIMESTAMP STREAM TAGS TEXT`, TAGS being P for a part of a line and F for its end.
 * Specification: Kubernetes' CRI logging design; a line that fits neither format is shown as it is.
 *
 * The decoder works on buffers and never makes a string of a line: a log of a gigabyte is common.
 */
import { decodeJsonEntry } from "./json-entry.ts";
import { compareTime, type LogTime, parseTimestamp, writeTimestamp } from "./log-time.ts";

export type LogStream = "stdout" | "stderr";

export interface LogFilter {
  /** Only entries at or after this time. */
  readonly since?: LogTime | undefined;
  readonly stream?: LogStream | undefined;
  /** Prefix each line with its time, nine digits of fraction. */
  readonly timestamps?: boolean | undefined;
  /** Stop after this many bytes over both streams. */
  readonly limitBytes?: number | undefined;
}

/** Bytes for one stream. Segments of one call are in the order of the log. */
export interface LogSegment {
  readonly stream: LogStream;
  readonly bytes: Uint8Array;
}

export interface LogDecoder {
  /** Decodes all complete lines of what has arrived so far; the rest waits for the next call. */
  push(chunk: Uint8Array): LogSegment[];
  /** Decodes a last line that has no newline, if there is one. */
  finish(): LogSegment[];
  /** Forgets an unfinished line: the file was truncated or replaced. */
  reset(): void;
  /** Whether the limit of bytes is reached. */
  readonly done: boolean;
}

const NEWLINE = 10;
const SPACE = 32;
const STDOUT = 0;
const STDERR = 1;
/** The longest piece copied byte by byte: above it, native search and copy win. */
const SHORT_TEXT = 192;
const STREAMS: readonly LogStream[] = ["stdout", "stderr"];

export function createLogDecoder(filter: LogFilter = {}): LogDecoder {
  const state = new DecoderState(filter);
  let carry: Uint8Array[] = [];
  return {
    get done() {
      return state.remainingBytes <= 0;
    },
    push(chunk) {
      const last = chunk.lastIndexOf(NEWLINE);
      if (last < 0) {
        if (chunk.length > 0) carry.push(chunk.slice());
        return [];
      }
      let from = 0;
      if (carry.length > 0) {
        from = chunk.indexOf(NEWLINE) + 1;
        const line = Buffer.concat([...carry, chunk.subarray(0, from)]);
        carry = [];
        state.begin(line.length + last + 1);
        state.decode(line, 0, line.length);
      } else {
        state.begin(last + 1);
      }
      state.decode(chunk, from, last + 1);
      if (last + 1 < chunk.length) carry.push(chunk.slice(last + 1));
      return state.end();
    },
    finish() {
      if (carry.length === 0) return [];
      const line = Buffer.concat([...carry, Uint8Array.of(NEWLINE)]);
      carry = [];
      state.begin(line.length);
      state.decode(line, 0, line.length);
      return state.end();
    },
    reset() {
      carry = [];
    },
  };
}

/** What lasts from line to line, and the output of the call at hand. */
class DecoderState {
  remainingBytes: number;
  private readonly filter: LogFilter;
  private readonly only: number;
  /** Whether the last entry of each stream was a part, and whether its line is left out. */
  private readonly midLine = [false, false];
  private readonly leftOut = [false, false];
  private stampLength = 0;
  private out: Uint8Array = new Uint8Array(0);
  private at = 0;
  private segmentStart = 0;
  private segmentStream = STDOUT;
  private segments: LogSegment[] = [];

  constructor(filter: LogFilter) {
    this.filter = filter;
    this.remainingBytes = filter.limitBytes ?? Number.POSITIVE_INFINITY;
    this.only = filter.stream === undefined ? -1 : STREAMS.indexOf(filter.stream);
  }

  begin(inputBytes: number): void {
    // An entry shrinks, except for a bad line and the nine digits of --timestamps.
    this.out = Buffer.allocUnsafe(inputBytes * (this.filter.timestamps ? 2 : 1) + 64);
    this.at = 0;
    this.segmentStart = 0;
    this.segments = [];
  }

  end(): LogSegment[] {
    this.closeSegment();
    return this.segments;
  }

  /** Decodes whole lines from `from` to `to`. */
  decode(input: Uint8Array, from: number, to: number): void {
    let position = from;
    while (position < to && this.remainingBytes > 0) {
      const text = this.findStream(input, position, to);
      if (text < 0) {
        position = this.decodeOther(input, position);
        continue;
      }
      const stream = input[text + 3] === 101 ? STDERR : STDOUT;
      const isPart = input[text + 7] === 80;
      let start = text + 8;
      // More tags may follow the first, parted by colons.
      while (input[start] !== SPACE && input[start] !== NEWLINE) start++;
      if (input[start] === SPACE) start++;
      if (this.wants(stream, input, position, text - 1)) {
        if (!this.midLine[stream] && this.filter.timestamps) this.stamp(input, position, text - 1);
        position = this.copyText(input, start, isPart);
      } else {
        position = input.indexOf(NEWLINE, start) + 1;
      }
      this.midLine[stream] = isPart;
    }
  }

  /** The offset of the stream's name in a CRI entry, or -1 where the line is none. */
  private findStream(input: Uint8Array, line: number, to: number): number {
    if (input[line + 4] !== 45 || input[line + 10] !== 84) return -1;
    if (this.stampLength === 0 || input[line + this.stampLength] !== SPACE) {
      const space = input.indexOf(SPACE, line);
      const length = space - line;
      if (space < 0 || space >= to || length < 20 || length > 40) return -1;
      this.stampLength = length;
    }
    const at = line + this.stampLength + 1;
    // "std", then o or e, a space before the tags, and P or F
    if (input[at] !== 115 || input[at + 1] !== 116 || input[at + 2] !== 100) return -1;
    if (input[at + 3] !== 111 && input[at + 3] !== 101) return -1;
    if (input[at + 6] !== SPACE || (input[at + 7] !== 70 && input[at + 7] !== 80)) return -1;
    for (let index = line; index < at + 8; index++) if (input[index] === NEWLINE) return -1;
    return at;
  }

  /** Whether the entry is shown; the first entry of a line decides for all of its parts. */
  private wants(stream: number, input: Uint8Array, stampStart: number, stampEnd: number): boolean {
    if (!this.midLine[stream]) {
      const { since } = this.filter;
      this.leftOut[stream] =
        (this.only >= 0 && this.only !== stream) ||
        (since !== undefined && isBefore(input, stampStart, stampEnd, since));
    }
    if (this.leftOut[stream]) return false;
    this.switchTo(stream);
    return true;
  }

  /** Copies the text that starts at `start`, and its newline unless it is a part; returns the next line. */
  private copyText(input: Uint8Array, start: number, isPart: boolean): number {
    const { out } = this;
    const first = this.at;
    let to = first;
    let from = start;
    const limit = start + SHORT_TEXT;
    for (;;) {
      const byte = input[from++] as number;
      out[to++] = byte;
      if (byte === NEWLINE) break;
      if (from === limit) {
        const next = input.indexOf(NEWLINE, from) + 1;
        out.set(input.subarray(from, next), to);
        to += next - from;
        from = next;
        break;
      }
    }
    this.at = isPart ? to - 1 : to;
    this.count(first);
    return from;
  }

  /** A json-file entry, or a line of neither format, which goes to stdout as it is. */
  private decodeOther(input: Uint8Array, line: number): number {
    const next = input.indexOf(NEWLINE, line) + 1;
    const entry = input[line] === 123 ? decodeJsonEntry(input.subarray(line, next)) : undefined;
    if (entry === undefined) {
      this.switchTo(this.only === STDERR ? STDERR : STDOUT);
      this.append(input.subarray(line, next));
      return next;
    }
    const stream = entry.stream === "stderr" ? STDERR : STDOUT;
    if (this.wants(stream, entry.time, 0, entry.time.length)) {
      if (!this.midLine[stream] && this.filter.timestamps) {
        this.stamp(entry.time, 0, entry.time.length);
      }
      this.append(entry.text);
    }
    this.midLine[stream] = entry.text[entry.text.length - 1] !== NEWLINE;
    return next;
  }

  private stamp(input: Uint8Array, start: number, end: number): void {
    const first = this.at;
    this.at = writeTimestamp(input, start, end, this.out, this.at);
    this.out[this.at++] = SPACE;
    this.count(first);
  }

  private append(bytes: Uint8Array): void {
    const first = this.at;
    this.out.set(bytes, this.at);
    this.at += bytes.length;
    this.count(first);
  }

  private count(first: number): void {
    this.remainingBytes -= this.at - first;
    if (this.remainingBytes < 0) {
      this.at += this.remainingBytes;
      this.remainingBytes = 0;
    }
  }

  private switchTo(stream: number): void {
    if (this.segmentStream === stream) return;
    this.closeSegment();
    this.segmentStream = stream;
  }

  private closeSegment(): void {
    if (this.at > this.segmentStart) {
      const stream = STREAMS[this.segmentStream] as LogStream;
      this.segments.push({ stream, bytes: this.out.subarray(this.segmentStart, this.at) });
    }
    this.segmentStart = this.at;
  }
}

function isBefore(input: Uint8Array, start: number, end: number, since: LogTime): boolean {
  const time = parseTimestamp(input, start, end);
  return time !== undefined && compareTime(time, since) < 0;
}
