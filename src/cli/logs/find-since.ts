import { createLogEntry, type LogEntry, type LogStream, readLogEntry } from "./log-entry.ts";
import { compareTime, type LogTime, parseTimestamp } from "./log-time.ts";
import { readExactly, visitLinesBackwards } from "./read-backwards.ts";

/** A smaller log is read whole before a search would have ended. */
const LEAST_BYTES = 8 * 1024 * 1024;
/** The search ends where so much is left. */
const NEAR_BYTES = 512 * 1024;
/** Longer than the entries of a line in parts, which runtimes write. */
const PROBE_BYTES = 40 * 1024;
/** Looks at places before the one found, the same distance from each other. */
const CHECKS = 128;
/** What is looked at line by line before the place found, to be sure of the order. */
const CHECKED_BYTES = 1024 * 1024;
/** The same where one of the streams has nothing in it. */
const MOST_CHECKED_BYTES = 4 * 1024 * 1024;
const STREAMS = 2;
const NEWLINE = 10;

export interface FindSinceOptions {
  readonly since: LogTime | undefined;
  readonly sizeBytes: number;
  /** For tests. */
  readonly leastBytes?: number;
}

/**
 * An offset of a log, where an entry begins, before which all is older than that time. Logs are written
 * in the order of time, so a few looks find it. Where the order does not hold as far as looks can tell
 * (a clock was set back), and where a place is not understood, it is 0. What begins there is not yet
 * new: who reads on still compares.
 */
export function findSince(
  fd: number,
  { since, sizeBytes, leastBytes = LEAST_BYTES }: FindSinceOptions,
): number {
  if (since === undefined || sizeBytes < leastBytes) return 0;
  const isOld = (offset: number) => {
    const time = timeBehind(fd, offset);
    return time === undefined ? undefined : compareTime(time, since) < 0;
  };
  let old = 0;
  let end = sizeBytes;
  while (end - old > NEAR_BYTES) {
    const middle = old + Math.floor((end - old) / 2);
    const answer = isOld(middle);
    if (answer === undefined) return 0;
    if (answer) old = middle;
    else end = middle;
  }
  for (let check = 0; check < CHECKS; check++) {
    if (isOld(Math.floor((old / CHECKS) * check)) !== true) return 0;
  }
  return entryBefore(fd, old, since);
}

/** Of the first entry that begins behind the offset; undefined where none is near. */
function timeBehind(fd: number, offset: number): LogTime | undefined {
  const bytes = readExactly(fd, offset, PROBE_BYTES);
  const entry = createLogEntry();
  let start = offset === 0 ? 0 : bytes.indexOf(NEWLINE) + 1;
  if (start === 0 && offset > 0) return undefined;
  for (;;) {
    const end = bytes.indexOf(NEWLINE, start);
    if (end < 0) return undefined;
    readLogEntry(entry, bytes, start, end);
    const time = timeOf(entry);
    if (time !== undefined) return time;
    start = end + 1;
  }
}

/**
 * Where an entry begins so far before that offset that each stream has one from there on, and all of
 * them are older: what goes on across it is known to be old, too. 0 where an entry is not older.
 */
function entryBefore(fd: number, offset: number, since: LogTime): number {
  const entry = createLogEntry();
  const seen = new Set<LogStream>();
  let found = 0;
  let isOrdered = true;
  visitLinesBackwards(fd, offset, (bytes, start, end, at) => {
    readLogEntry(entry, bytes, start, end);
    const time = timeOf(entry);
    if (time !== undefined) {
      seen.add(entry.stream);
      isOrdered = compareTime(time, since) < 0;
    }
    found = at;
    const wantedBytes = seen.size === STREAMS ? CHECKED_BYTES : MOST_CHECKED_BYTES;
    return isOrdered && offset - at < wantedBytes;
  });
  return isOrdered ? found : 0;
}

function timeOf({ stamp, stampStart, stampEnd }: LogEntry): LogTime | undefined {
  return stampEnd === stampStart ? undefined : parseTimestamp(stamp, stampStart, stampEnd);
}
