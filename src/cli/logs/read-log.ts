import { type FileHandle, open, stat } from "node:fs/promises";
import { StatusError } from "../../errors/status-error.ts";
import { findTail } from "./find-tail.ts";
import {
  createLogDecoder,
  type LogDecoder,
  type LogFilter,
  type LogSegment,
} from "./log-decoder.ts";
import { watchDirectory } from "./watch-directory.ts";

export interface ReadLogOptions extends LogFilter {
  /** Only that many last lines; undefined for all. */
  readonly tailLines?: number | undefined;
  /** Keep reading while this says so. */
  readonly follow?: (() => Promise<boolean>) | undefined;
  /** How often it is asked; once a second where absent. */
  readonly followCheckMs?: number | undefined;
  /** Ends a follow without an error. */
  readonly signal: AbortSignal;
}

const CHUNK_BYTES = 1024 * 1024;
const POLL_MS = 200;
const ALIVE_CHECK_MS = 1000;
/** Time for the last lines of a container that has just ended, and of a file just replaced. */
const SETTLE_MS = 100;

/**
 * The contents of a log file, in its order. With `follow` it waits for more, through rotation
 * (renamed and made anew, or truncated), until the container no longer runs and all is read.
 * Throws NotFound where there is no such file and nothing to wait for.
 */
export async function* readLog(
  path: string,
  options: ReadLogOptions,
): AsyncGenerator<LogSegment[]> {
  const file = await openLog(path, options);
  if (file === undefined) return;
  const reader = new LogReader(path, file, createLogDecoder(options), options.signal);
  try {
    if (options.tailLines !== undefined) {
      yield* reader.skipToTail(options.tailLines, options.stream);
    }
    yield* reader.readToEnd();
    if (options.follow !== undefined) yield* follow(reader, options.follow, options);
    yield reader.decoder.finish();
  } finally {
    await reader.close();
  }
}

async function* follow(
  reader: LogReader,
  isRunning: () => Promise<boolean>,
  { signal, followCheckMs: checkMs = ALIVE_CHECK_MS }: ReadLogOptions,
): AsyncGenerator<LogSegment[]> {
  using watcher = watchDirectory(reader.path);
  let checkedAt = Number.NEGATIVE_INFINITY;
  while (!signal.aborted && !reader.decoder.done) {
    const now = performance.now();
    // Asked before the read: what a container wrote before it ended is there to be read now.
    if (now - checkedAt >= checkMs) {
      checkedAt = now;
      if (!(await isRunning())) return yield* reader.drain();
    }
    yield* reader.readToEnd();
    yield* reader.followRotation();
    await watcher.change(Math.min(POLL_MS, checkMs), signal);
  }
}

/** One log through all the files that bear its name. */
class LogReader {
  readonly path: string;
  readonly decoder: LogDecoder;
  private file: FileHandle;
  private readonly signal: AbortSignal;
  private readonly buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  private offset = 0;

  constructor(path: string, file: FileHandle, decoder: LogDecoder, signal: AbortSignal) {
    this.path = path;
    this.file = file;
    this.decoder = decoder;
    this.signal = signal;
  }

  async *skipToTail(lines: number, stream: LogFilter["stream"]): AsyncGenerator<LogSegment[]> {
    const { size } = await this.file.stat();
    const tail = await findTail(this.file, { lines, sizeBytes: size, stream });
    this.offset = tail.offset;
    if (tail.only !== undefined) {
      const parts = await this.file.read(
        Buffer.alloc(tail.linesOffset - tail.offset),
        0,
        tail.linesOffset - tail.offset,
        tail.offset,
      );
      this.offset = tail.linesOffset;
      const segments = this.decoder.push(parts.buffer.subarray(0, parts.bytesRead));
      yield segments.filter((segment) => segment.stream === tail.only);
    }
  }

  async *readToEnd(): AsyncGenerator<LogSegment[]> {
    while (!this.signal.aborted && !this.decoder.done) {
      const { bytesRead } = await this.file.read(this.buffer, 0, CHUNK_BYTES, this.offset);
      if (bytesRead === 0) return;
      this.offset += bytesRead;
      yield this.decoder.push(this.buffer.subarray(0, bytesRead));
    }
  }

  /** Goes over to the file that now bears the name, after the rest of the old one. */
  async *followRotation(): AsyncGenerator<LogSegment[]> {
    const [mine, named] = await Promise.all([this.file.stat(), statOrNothing(this.path)]);
    if (named === undefined) return;
    if (named.ino === mine.ino && named.dev === mine.dev) {
      if (mine.size < this.offset) {
        this.decoder.reset();
        this.offset = 0;
      }
      return;
    }
    await pause(SETTLE_MS, this.signal);
    yield* this.readToEnd();
    yield this.decoder.finish();
    const next = await openOrNothing(this.path);
    if (next === undefined) return;
    await this.file.close();
    this.file = next;
    this.offset = 0;
    yield* this.readToEnd();
  }

  /** Reads until nothing more comes: the writer may be a little behind the container's end. */
  async *drain(): AsyncGenerator<LogSegment[]> {
    let before: number;
    do {
      before = this.offset;
      yield* this.readToEnd();
      yield* this.followRotation();
      await pause(SETTLE_MS, this.signal);
      yield* this.readToEnd();
    } while (before !== this.offset && !this.signal.aborted && !this.decoder.done);
  }

  async close(): Promise<void> {
    await this.file.close();
  }
}

/** Waits for the file of a container that has not written yet; undefined where it ends without one. */
async function openLog(path: string, options: ReadLogOptions): Promise<FileHandle | undefined> {
  for (;;) {
    const isRunning = options.follow === undefined ? false : await options.follow();
    const file = await openOrNothing(path);
    if (file !== undefined) return file;
    if (options.signal.aborted) return undefined;
    if (!isRunning) throw new StatusError("NotFound", `no log file "${path}"`);
    await pause(POLL_MS, options.signal);
  }
}

async function openOrNothing(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    const refused = code === "EACCES" || code === "EPERM";
    throw new StatusError(
      refused ? "PermissionDenied" : "Internal",
      `cannot read the log file "${path}"`,
      refused ? { cause: error, hint: "run as root" } : { cause: error },
    );
  }
}

async function statOrNothing(path: string) {
  try {
    return await stat(path);
  } catch {
    return undefined;
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const finish = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    signal.addEventListener("abort", finish);
  });
}
