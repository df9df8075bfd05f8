import { createLogEntry, type LogEntry, type LogStream, readLogEntry } from "./log-entry.ts";
import { compareTime, type LogTime, parseTimestamp } from "./log-time.ts";

/** Bytes of a log: the number written to the front of `target`, 0 where there are none at present. */
export type ReadBytes = (target: Uint8Array) => Promise<number>;

export interface LineFilter {
  /** Only lines at or after this time. */
  readonly since?: LogTime | undefined;
  /** Only lines at or before this time. */
  readonly until?: LogTime | undefined;
  readonly stream?: LogStream | undefined;
}

/**
 * A line, its parts joined. One longer than MAX_PIECE_BYTES comes in pieces. The object and its
 * bytes are valid until the cursor moves on.
 */
export interface LogLine {
  readonly stream: LogStream;
  /** The text, without a newline, is `bytes` from `start` to `end`. */
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  /** RFC 3339, of the first part; empty where the log has none. */
  readonly stamp: Buffer;
  readonly stampStart: number;
  readonly stampEnd: number;
  /** Whether the line begins with this piece, and whether it ends with it. */
  readonly isStart: boolean;
  readonly isEnd: boolean;
}

const FIRST_BUFFER_BYTES = 128 * 1024;
const MAX_PIECE_BYTES = 1024 * 1024;
const STAMP_BYTES = 64;
const NEWLINE = 10;

/** The line that an entry began and that has not ended yet. */
interface OpenLine {
  isOpen: boolean;
  isLeftOut: boolean;
  /** Whether a piece of it was given already. */
  isBegun: boolean;
  held: Buffer;
  heldBytes: number;
  readonly stamp: Buffer;
  stampEnd: number;
}

/** Goes through a log line by line. It holds what has arrived of an unfinished line. */
export class LineCursor {
  /** Where the cursor stands, after `next` has returned true. */
  readonly line: LogLine;
  private readonly own: { -readonly [Key in keyof LogLine]: LogLine[Key] };
  private readonly filter: LineFilter;
  private readonly entry: LogEntry = createLogEntry();
  private readonly open: Readonly<Record<LogStream, OpenLine>> = {
    stdout: createOpenLine(),
    stderr: createOpenLine(),
  };
  private buffer: Buffer = Buffer.allocUnsafeSlow(FIRST_BUFFER_BYTES);
  private position = 0;
  private filled = 0;
  /** Inside an entry that is longer than the buffer, whose header was read. */
  private isInside = false;

  constructor(filter: LineFilter = {}) {
    this.filter = filter;
    this.own = { ...createLogEntry(), isStart: true, isEnd: true };
    this.line = this.own;
  }

  /** Goes to the next line of those that were read. False where more must be read first. */
  next(): boolean {
    for (;;) {
      const newline = this.buffer.indexOf(NEWLINE, this.position);
      if (newline < 0 || newline >= this.filled) {
        if (this.position > 0 || this.filled < MAX_PIECE_BYTES) return false;
        if (this.takePiece()) return true;
        continue;
      }
      if (this.isInside) {
        this.isInside = false;
        this.entry.bytes = this.buffer;
        this.entry.start = this.position;
        this.entry.end = newline;
      } else {
        readLogEntry(this.entry, this.buffer, this.position, newline, this.filter.stream);
      }
      this.position = newline + 1;
      if (this.take(this.entry.isPart)) return true;
    }
  }

  /** Whether it holds nothing: the next line begins with what comes next. */
  get isIdle(): boolean {
    const { stdout, stderr } = this.open;
    const isRead = this.position === this.filled && !this.isInside;
    return isRead && !stdout.isOpen && !stderr.isOpen;
  }

  /** Takes bytes that were read elsewhere. Moves what `line` has. */
  push(bytes: Uint8Array): void {
    this.makeRoom(bytes.length);
    this.buffer.set(bytes, this.filled);
    this.filled += bytes.length;
  }

  /** Reads on, once; false where there is nothing more at present. Moves what `line` has. */
  async fill(read: ReadBytes): Promise<boolean> {
    this.makeRoom(1);
    const count = await read(this.buffer.subarray(this.filled));
    this.filled += count;
    return count > 0;
  }

  private makeRoom(count: number): void {
    this.buffer.copyWithin(0, this.position, this.filled);
    this.filled -= this.position;
    this.position = 0;
    if (this.filled + count <= this.buffer.length) return;
    const needed = Math.max(this.filled + count, this.buffer.length * 2);
    const larger = Buffer.allocUnsafeSlow(needed);
    larger.set(this.buffer);
    this.buffer = larger;
  }

  /** Gives what is held of unfinished lines, a stream at a time: their ends are not to come soon. */
  nextUnfinished(): boolean {
    for (const stream of ["stdout", "stderr"] as const) {
      const open = this.open[stream];
      if (open.isOpen && open.heldBytes > 0) {
        this.giveHeld(stream, false);
        return true;
      }
    }
    return false;
  }

  /** All of the buffer as a piece of an entry whose end is not there. False where it is left out. */
  private takePiece(): boolean {
    const { entry } = this;
    if (this.isInside) {
      entry.bytes = this.buffer;
      entry.start = this.position;
      entry.end = this.filled;
    } else {
      readLogEntry(entry, this.buffer, this.position, this.filled, this.filter.stream);
      this.isInside = true;
    }
    this.position = this.filled;
    return this.take(true);
  }

  /** Takes the entry. True where that makes a line, or a piece of one, that is to be seen. */
  private take(isPart: boolean): boolean {
    const { entry } = this;
    const open = this.open[entry.stream];
    if (!open.isOpen) this.begin(open, isPart);
    open.isOpen = isPart;
    if (open.isLeftOut) return false;
    if (isPart) {
      hold(open, entry);
      if (open.heldBytes < MAX_PIECE_BYTES) return false;
      this.giveHeld(entry.stream, false);
    } else if (open.heldBytes > 0) {
      hold(open, entry);
      this.giveHeld(entry.stream, true);
    } else {
      this.give(entry.stream, entry, true);
    }
    return true;
  }

  private begin(open: OpenLine, isPart: boolean): void {
    const { entry, filter } = this;
    open.isBegun = false;
    open.heldBytes = 0;
    open.isLeftOut =
      (filter.stream !== undefined && filter.stream !== entry.stream) || this.isOutOfTime();
    if (!isPart) {
      open.stampEnd = 0;
      return;
    }
    const length = Math.min(entry.stampEnd - entry.stampStart, STAMP_BYTES);
    open.stamp.set(entry.stamp.subarray(entry.stampStart, entry.stampStart + length));
    open.stampEnd = length;
  }

  private isOutOfTime(): boolean {
    const { since, until } = this.filter;
    if (since === undefined && until === undefined) return false;
    const { stamp, stampStart, stampEnd } = this.entry;
    const time = parseTimestamp(stamp, stampStart, stampEnd);
    if (time === undefined) return false;
    return (
      (since !== undefined && compareTime(time, since) < 0) ||
      (until !== undefined && compareTime(time, until) > 0)
    );
  }

  private giveHeld(stream: LogStream, isEnd: boolean): void {
    const open = this.open[stream];
    const text = { bytes: open.held, start: 0, end: open.heldBytes };
    open.heldBytes = 0;
    this.give(stream, text, isEnd);
  }

  private give(
    stream: LogStream,
    text: Pick<LogEntry, "bytes" | "start" | "end">,
    isEnd: boolean,
  ): void {
    const { own, entry } = this;
    const open = this.open[stream];
    const isOfParts = open.stampEnd > 0;
    own.stream = stream;
    own.bytes = text.bytes;
    own.start = text.start;
    own.end = text.end;
    own.stamp = isOfParts ? open.stamp : entry.stamp;
    own.stampStart = isOfParts ? 0 : entry.stampStart;
    own.stampEnd = isOfParts ? open.stampEnd : entry.stampEnd;
    own.isStart = !open.isBegun;
    own.isEnd = isEnd;
    open.isBegun = true;
  }
}

function createOpenLine(): OpenLine {
  return {
    isOpen: false,
    isLeftOut: false,
    isBegun: false,
    held: Buffer.alloc(0),
    heldBytes: 0,
    stamp: Buffer.alloc(STAMP_BYTES),
    stampEnd: 0,
  };
}

function hold(open: OpenLine, entry: LogEntry): void {
  const length = entry.end - entry.start;
  const needed = open.heldBytes + length;
  if (needed > open.held.length) {
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, open.held.length * 2, 32 * 1024));
    larger.set(open.held.subarray(0, open.heldBytes));
    open.held = larger;
  }
  open.held.set(entry.bytes.subarray(entry.start, entry.end), open.heldBytes);
  open.heldBytes = needed;
}
