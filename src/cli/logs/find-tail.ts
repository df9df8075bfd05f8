import { readSync } from "node:fs";
import { createLogEntry, type LogStream, readLogEntry } from "./log-entry.ts";

/** From `start` up to, but not with, `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Where the last lines of a log stand. */
export interface Tail {
  /** In the order of the file. More than one where others' lines stand inside the first line. */
  readonly ranges: readonly ByteRange[];
  /** How many lines the file lacks. */
  readonly missing: number;
}

const BLOCK_BYTES = 256 * 1024;
/** How far before the first line wanted its parts are looked for, without meeting one. */
const PART_SEARCH_BYTES = 256 * 1024;
/** Of a longer line only so much of its begin is looked at. */
const HEAD_BYTES = 1024 * 1024;
const NEWLINE = 10;

/**
 * The places of a log's last lines, of one stream where one is named. It reads backwards from
 * `sizeBytes`, so the length of the log does not matter. A line written in parts counts once.
 */
export function findTail(
  fd: number,
  options: { lines: number; sizeBytes: number; stream?: LogStream | undefined },
): Tail {
  const { sizeBytes, stream } = options;
  if (options.lines <= 0) return { ranges: [], missing: 0 };
  let missing = options.lines;
  const unfinished = new Set<LogStream>(["stdout", "stderr"]);
  const entry = createLogEntry();
  let first: FirstLine | undefined;
  visitLinesBackwards(fd, sizeBytes, (bytes, start, end, offset) => {
    readLogEntry(entry, bytes, start, end, stream);
    if (first !== undefined) return first.takesPart(entry.stream, entry.isPart, offset);
    if (stream !== undefined && entry.stream !== stream) return true;
    // A part is a line of its own only where its end is not there yet.
    const ends = !entry.isPart || unfinished.has(entry.stream);
    unfinished.delete(entry.stream);
    if (ends && --missing === 0) first = createFirstLine(entry.stream, offset);
    return true;
  });
  if (first === undefined) return { ranges: [{ start: 0, end: sizeBytes }], missing };
  const parts = [...first.parts].reverse();
  return { ranges: [...parts, { start: first.offset, end: sizeBytes }], missing: 0 };
}

/** The first line that is wanted: its end, and the parts before it. */
interface FirstLine {
  readonly offset: number;
  /** From the last to the first. */
  readonly parts: readonly ByteRange[];
  /** Whether to look further, after the entry at that offset. */
  takesPart(stream: LogStream, isPart: boolean, offset: number): boolean;
}

function createFirstLine(stream: LogStream, offset: number): FirstLine {
  const parts: ByteRange[] = [];
  let next = offset;
  return {
    offset,
    parts,
    takesPart(otherStream, isPart, at) {
      const end = next;
      next = at;
      if (otherStream !== stream) return parts.length > 0 || offset - at <= PART_SEARCH_BYTES;
      if (!isPart) return false;
      const before = parts.at(-1);
      if (before?.start === end) parts[parts.length - 1] = { start: at, end: before.end };
      else parts.push({ start: at, end });
      return true;
    },
  };
}

/**
 * Calls with each line from the last to the first until that returns false: its bytes without the
 * newline (a long line's first ones), and its offset in the file. The last line may lack its newline.
 */
function visitLinesBackwards(
  fd: number,
  sizeBytes: number,
  visit: (bytes: Buffer, start: number, end: number, offset: number) => boolean,
): void {
  let blockEnd = sizeBytes;
  let rest: Buffer = Buffer.alloc(0);
  while (blockEnd > 0) {
    // A line longer than what was read doubles the next read, so long lines cost linear time.
    const blockStart = Math.max(0, blockEnd - Math.max(BLOCK_BYTES, rest.length));
    const block = Buffer.concat([readExactly(fd, blockStart, blockEnd - blockStart), rest]);
    let lineEnd = block.length;
    for (;;) {
      const newline = lineEnd < 2 ? -1 : block.lastIndexOf(NEWLINE, lineEnd - 2);
      if (newline < 0) break;
      if (!visit(block, newline + 1, withoutNewline(block, lineEnd), blockStart + newline + 1)) {
        return;
      }
      lineEnd = newline + 1;
    }
    rest = block.subarray(0, Math.min(lineEnd, HEAD_BYTES));
    blockEnd = blockStart;
  }
  if (rest.length > 0) visit(rest, 0, withoutNewline(rest, rest.length), 0);
}

function withoutNewline(bytes: Uint8Array, end: number): number {
  return bytes[end - 1] === NEWLINE ? end - 1 : end;
}

function readExactly(fd: number, position: number, length: number): Buffer {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const count = readSync(fd, buffer, filled, length - filled, position + filled);
    if (count === 0) break;
    filled += count;
  }
  return buffer.subarray(0, filled);
}
