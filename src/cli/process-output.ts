/**
 * stdout and stderr of this very process: the one place that writes to them. What goes at once is
 * written directly; the first write that would block, or long streams, open the runtime's own stream.
 */
import type { Writable } from "node:stream";
import type { TerminalSize } from "../cri/backend.ts";
import { errnoText } from "../errors/errno-text.ts";
import { StatusError } from "../errors/status-error.ts";
import { quickFiles } from "../host/quick-files.ts";
import type { OutputStream } from "./context.ts";
import { type DirectOutput, isBlocking, openDirectOutput, writeInThread } from "./direct-output.ts";
import { isTerminal } from "./is-terminal.ts";
import { OUTPUT_CLOSED } from "./output-closed.ts";

/**
 * `onBroken` is told why nothing more can be written. A reader that went away is no failure: writes
 * to it resolve; where the device refuses what is written to stdout, they reject.
 */
export function processOutput(
  fd: 1 | 2,
  onBroken: (reason: typeof OUTPUT_CLOSED | StatusError) => void,
): OutputStream & { isOpened(): boolean } {
  const isTty = isTerminal(fd);
  const isDumb = process.env.TERM === "dumb";
  const writeFirst = isTty ? undefined : firstWrite(fd);
  const direct = directPart(isTty ? undefined : fd);
  let place: PlaceStream | undefined;
  let closed = false;
  const breakOff = (error: unknown): StatusError | undefined => {
    closed = true;
    const failure = writeFailure(error as NodeJS.ErrnoException);
    onBroken(failure ?? OUTPUT_CLOSED);
    return fd === 1 ? failure : undefined;
  };
  const open = (): PlaceStream => {
    if (place !== undefined) return place;
    place = direct.end() ?? (fd === 1 ? process.stdout : process.stderr);
    place.on("error", breakOff);
    return place;
  };
  let stream: Writable | undefined;
  /** Writes that no stream has yet. */
  let underWay = 0;
  const output: OutputStream & { isOpened(): boolean } = {
    isTty,
    fd,
    color: isTty && !isDumb && !process.env.NO_COLOR,
    canRedraw: isTty && !isDumb,
    columns() {
      const told = Number(process.env.COLUMNS);
      if (Number.isInteger(told) && told > 0) return told;
      // A terminal of a program that set no size has 0.
      return (isTty && open().columns) || undefined;
    },
    sizes: (signal) => terminalSizes(open(), signal),
    async write(chunk) {
      if (closed || chunk.length === 0) return;
      const bytes = typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk;
      let left = bytes;
      underWay++;
      try {
        if (writeFirst !== undefined && (await writeFirst(bytes))) return;
        // What was waited for may have failed.
        if (closed) return;
        left = direct.write(bytes);
      } catch (error) {
        const failure = breakOff(error);
        if (failure !== undefined) throw failure;
        return;
      } finally {
        underWay--;
      }
      if (left.length > 0) await writeTo(open(), left, fd);
    },
    stream() {
      if (isTty || place !== undefined) return open();
      if (stream === undefined || stream.destroyed) stream = streamTo(output);
      return stream;
    },
    /** Whether a stream was needed that may hold what is not written yet. */
    isOpened: () => place !== undefined || underWay > 0 || (stream?.writableLength ?? 0) > 0,
  };
  return output;
}

/** The size is a terminal's. */
type PlaceStream = Writable & { readonly columns?: number; readonly rows?: number };

/** A stream that opens the runtime's own only where a write needs it. What fails is told by `write`. */
function streamTo(output: OutputStream): Writable {
  return streamOf((bytes) => output.write(bytes)).on("error", () => {});
}

function streamOf(write: (bytes: Uint8Array) => Promise<void>): Writable {
  const { Writable } = process.getBuiltinModule("node:stream");
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      write(chunk).then(() => done(), done);
    },
  });
}

/** More goes through node:fs: to load it costs less then than to write in small parts. */
const MAX_QUICK_BYTES = 64 * 1024;

/**
 * What is written first, often all there is, goes the quick way where there is one. Resolves to
 * whether it went; for each later write to false, when the first is done.
 */
function firstWrite(fd: number): ((bytes: Uint8Array) => Promise<boolean>) | undefined {
  const files = quickFiles();
  if (files === undefined) return undefined;
  let first: Promise<boolean> | undefined;
  return async (bytes) => {
    if (first !== undefined) {
      await first.catch(() => {});
      return false;
    }
    const isSmall = bytes.length <= MAX_QUICK_BYTES;
    first = isSmall ? files.output(fd).write(bytes) : Promise.resolve(false);
    return await first;
  };
}

/** What is written without a stream, up to the moment when a stream takes over. */
function directPart(fd: number | undefined): {
  /** Returns what did not go. */
  write(bytes: Uint8Array): Uint8Array;
  /** Returns the stream that takes over, where it is not the runtime's own. */
  end(): Writable | undefined;
} {
  let output: DirectOutput | undefined;
  let isOver = fd === undefined;
  return {
    write(bytes) {
      if (fd === undefined || isOver) return bytes;
      output ??= openDirectOutput(fd);
      return output === undefined ? bytes : bytes.subarray(output.write(bytes));
    },
    end() {
      isOver = true;
      output?.close();
      output = undefined;
      return fd === undefined ? undefined : sharedStream(fd);
    },
  };
}

/**
 * Bun's own stream would leave a pipe or a socket without blocking to everyone who has it, who then
 * lose what they write to a slow reader; Node sets that back. So a thread waits for the reader.
 * Undefined where the runtime's own stream will do.
 */
function sharedStream(fd: number): Writable | undefined {
  if (quickFiles() === undefined || !isBlocking(fd)) return undefined;
  return streamOf((bytes) => writeInThread(fd, bytes));
}

function writeTo(stream: Writable, chunk: string | Uint8Array, fd: 1 | 2): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(chunk, (error) => {
      const failure = fd === 1 ? writeFailure(error) : undefined;
      if (failure === undefined) resolve();
      else reject(failure);
    });
  });
}

/** Undefined where nothing failed or the reader went away. */
function writeFailure(error: NodeJS.ErrnoException | null | undefined): StatusError | undefined {
  if (!error || error.code === "EPIPE" || error.code === "EIO") return undefined;
  return new StatusError("ResourceExhausted", `cannot write to stdout: ${errnoText(error)}`);
}

async function* terminalSizes(
  terminal: PlaceStream,
  signal: AbortSignal,
): AsyncGenerator<TerminalSize> {
  let wake: () => void = () => {};
  let changed = false;
  const onResize = () => {
    changed = true;
    wake();
  };
  const onAbort = () => wake();
  terminal.on("resize", onResize);
  signal.addEventListener("abort", onAbort);
  try {
    yield { columns: terminal.columns ?? 80, rows: terminal.rows ?? 24 };
    while (!signal.aborted) {
      if (!changed) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (signal.aborted) return;
      changed = false;
      yield { columns: terminal.columns ?? 80, rows: terminal.rows ?? 24 };
    }
  } finally {
    terminal.off("resize", onResize);
    signal.removeEventListener("abort", onAbort);
  }
}
