import { createReadStream } from "node:fs";
import { createLogEntry, type LogStream, readLogEntry } from "./log-entry.ts";
import type { LogSection } from "./log-section.ts";

const CHUNK_BYTES = 256 * 1024;
/** Of a longer line only so much of its begin is looked at. */
const HEAD_BYTES = 1024 * 1024;
const NEWLINE = 10;

/**
 * A rotated log that was compressed with gzip, from an offset of its text on. What cannot be read is
 * told to `warn`, and ends it.
 */
export async function openCompressedLog(
  path: string,
  options: { readonly from: number; readonly warn: (error: unknown) => void },
): Promise<LogSection> {
  const chunks = (await gunzip(path))[Symbol.asyncIterator]();
  let rest: Uint8Array = new Uint8Array(0);
  let toSkip = options.from;
  const fetch = async (): Promise<boolean> => {
    try {
      const { done, value } = await chunks.next();
      if (done === true) return false;
      rest = value.subarray(Math.min(toSkip, value.length));
      toSkip -= value.length - rest.length;
      return true;
    } catch (error) {
      options.warn(error);
      return false;
    }
  };
  return {
    async read(target) {
      while (rest.length === 0) if (!(await fetch())) return 0;
      const count = Math.min(rest.length, target.length);
      target.set(rest.subarray(0, count));
      rest = rest.subarray(count);
      return count;
    },
    close() {
      void chunks.return?.(undefined);
    },
  };
}

/**
 * Where the last lines of a compressed log begin in its text, and how many it lacks. It is read to
 * its end: there is no other way to know.
 */
export async function findCompressedTail(
  path: string,
  options: { readonly lines: number; readonly stream?: LogStream | undefined },
): Promise<{ readonly from: number; readonly missing: number }> {
  const { lines, stream } = options;
  const entry = createLogEntry();
  const begunAt: Record<LogStream, number | undefined> = { stdout: undefined, stderr: undefined };
  const starts: number[] = [];
  let count = 0;
  await visitLines(path, (line, offset) => {
    readLogEntry(entry, line, 0, line.length, stream);
    if (stream !== undefined && entry.stream !== stream) return;
    const start = begunAt[entry.stream] ?? offset;
    begunAt[entry.stream] = entry.isPart ? start : undefined;
    if (!entry.isPart) starts[count++ % lines] = start;
  });
  if (count <= lines) return { from: 0, missing: lines - count };
  return { from: starts[count % lines] ?? 0, missing: 0 };
}

/** Each line without its newline, a long line's first bytes alone. Damage ends it without an error. */
async function visitLines(
  path: string,
  visit: (line: Buffer, offset: number) => void,
): Promise<void> {
  let offset = 0;
  let lineStart = 0;
  let head = Buffer.alloc(0);
  try {
    for await (const chunk of await gunzip(path)) {
      let from = 0;
      for (;;) {
        const newline = chunk.indexOf(NEWLINE, from);
        const piece = chunk.subarray(from, newline < 0 ? chunk.length : newline);
        const room = HEAD_BYTES - head.length;
        const line = head.length === 0 ? piece : Buffer.concat([head, piece.subarray(0, room)]);
        if (newline < 0) {
          head = Buffer.from(line.subarray(0, HEAD_BYTES));
          break;
        }
        visit(line, lineStart);
        head = Buffer.alloc(0);
        from = newline + 1;
        lineStart = offset + from;
      }
      offset += chunk.length;
    }
  } catch {
    // It is told when it is read.
  }
  if (head.length > 0) visit(head, lineStart);
}

async function gunzip(path: string): Promise<AsyncIterable<Buffer>> {
  const { createGunzip } = await import("node:zlib");
  const { pipeline } = await import("node:stream");
  const text = createGunzip({ chunkSize: CHUNK_BYTES });
  pipeline(createReadStream(path, { highWaterMark: CHUNK_BYTES }), text, () => {});
  return text;
}
