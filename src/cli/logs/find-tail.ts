import { createLogEntry, type LogStream, readLogEntry } from "./log-entry.ts";
import { visitLinesBackwards } from "./read-backwards.ts";

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

/** How far before the first line wanted its parts are looked for, without meeting one. */
const PART_SEARCH_BYTES = 256 * 1024;

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
