import type { FileHandle } from "node:fs/promises";
import { decodeJsonEntry } from "./json-entry.ts";
import type { LogStream } from "./log-decoder.ts";

/** Where the last lines of a log begin. */
export interface Tail {
  readonly offset: number;
  /**
   * The stream whose parts stand between `offset` and `linesOffset`, where the first line wanted
   * was written in parts and another stream's lines stand between them.
   */
  readonly only: LogStream | undefined;
  readonly linesOffset: number;
}

const BLOCK_BYTES = 256 * 1024;
/** How far before the first line wanted its parts are looked for, without meeting one. */
const PART_SEARCH_BYTES = 256 * 1024;
const NEWLINE = 10;

/**
 * The offset from which a log holds its last `lines` lines, of one stream where one is named. It
 * reads backwards from `sizeBytes`, so the length of the log does not matter. A line written in
 * parts counts once.
 */
export async function findTail(
  file: FileHandle,
  options: { lines: number; sizeBytes: number; stream?: LogStream | undefined },
): Promise<Tail> {
  const { sizeBytes } = options;
  if (options.lines <= 0) return { offset: sizeBytes, only: undefined, linesOffset: sizeBytes };
  let missing = options.lines;
  const unfinished = new Set<LogStream>(["stdout", "stderr"]);
  let first: { stream: LogStream; offset: number; partsFrom: number } | undefined;
  for await (const { offset, bytes } of linesBackwards(file, sizeBytes)) {
    const entry = classify(bytes);
    if (first !== undefined) {
      if (entry.stream !== first.stream) {
        if (first.offset - offset > PART_SEARCH_BYTES && first.partsFrom === first.offset) break;
        continue;
      }
      if (!entry.isPart) break;
      first.partsFrom = offset;
      continue;
    }
    if (options.stream !== undefined && entry.stream !== options.stream) continue;
    // A part is a line of its own only where its end is not there yet.
    const ends = !entry.isPart || unfinished.has(entry.stream);
    unfinished.delete(entry.stream);
    if (ends && --missing === 0) first = { stream: entry.stream, offset, partsFrom: offset };
  }
  if (first === undefined) return { offset: 0, only: undefined, linesOffset: 0 };
  const only = first.partsFrom < first.offset ? first.stream : undefined;
  return { offset: first.partsFrom, only, linesOffset: first.offset };
}

/** The lines of the file from the last to the first; the last one may lack its newline. */
async function* linesBackwards(
  file: FileHandle,
  sizeBytes: number,
): AsyncGenerator<{ offset: number; bytes: Uint8Array }> {
  let end = sizeBytes;
  let rest: Uint8Array = new Uint8Array(0);
  while (end > 0) {
    // A line longer than what was read doubles the next read, so long lines cost linear time.
    const start = Math.max(0, end - Math.max(BLOCK_BYTES, rest.length));
    const block = Buffer.concat([await readExactly(file, start, end - start), rest]);
    let lineEnd = block.length;
    for (;;) {
      const newline = lineEnd < 2 ? -1 : block.lastIndexOf(NEWLINE, lineEnd - 2);
      if (newline < 0) break;
      yield { offset: start + newline + 1, bytes: block.subarray(newline + 1, lineEnd) };
      lineEnd = newline + 1;
    }
    rest = block.subarray(0, lineEnd);
    end = start;
  }
  if (rest.length > 0) yield { offset: 0, bytes: rest };
}

async function readExactly(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

const ENTRY = /^\d{4}-\S{16,36} (stdout|stderr) ([PF])/;

/** A line of neither format is a whole line of stdout. */
function classify(line: Uint8Array): { stream: LogStream; isPart: boolean } {
  if (line[0] === 123) {
    const entry = decodeJsonEntry(line);
    if (entry !== undefined) {
      return { stream: entry.stream, isPart: entry.text[entry.text.length - 1] !== NEWLINE };
    }
  }
  const head = Buffer.from(line.buffer, line.byteOffset, Math.min(line.length, 64));
  const match = ENTRY.exec(head.toString("latin1"));
  return { stream: match?.[1] === "stderr" ? "stderr" : "stdout", isPart: match?.[2] === "P" };
}
