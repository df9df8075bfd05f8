import { Writable } from "node:stream";
import type { OutputStream } from "../../cli/context.ts";
import { OUTPUT_CLOSED } from "../../cli/output-closed.ts";
import { errnoText } from "../../errors/errno-text.ts";
import { StatusError } from "../../errors/status-error.ts";

/** A place of output that is no terminal: a file, or the stdin of another program. */
export interface Sink {
  readonly output: OutputStream;
  /** Aborted when nothing more can be written: with OUTPUT_CLOSED where the reader went away. */
  readonly signal: AbortSignal;
  /** Writes what is left and closes. Rejects with what went wrong, unless write() has told it. */
  close(): Promise<void>;
}

/** `name` says in errors what could not be written. The stream is the sink's from now on. */
export function createSink(
  place: Writable,
  name: string,
  env: Readonly<Record<string, string | undefined>>,
): Sink {
  const controller = new AbortController();
  let failure: StatusError | undefined;
  let isTold = false;
  let isBroken = false;
  const toFailure = (error: NodeJS.ErrnoException | null | undefined) => {
    if (!error || isReaderGone(error)) return undefined;
    failure ??= new StatusError(
      "ResourceExhausted",
      `cannot write to ${name}: ${errnoText(error)}`,
    );
    return failure;
  };
  const onBroken = (error: NodeJS.ErrnoException) => {
    isBroken = true;
    controller.abort(toFailure(error) ?? OUTPUT_CLOSED);
  };
  place.on("error", onBroken);
  // Whoever waits for a write must find the signal aborted when the write is told to have failed.
  const write = (chunk: string | Uint8Array, done: (error?: Error | null) => void) => {
    place.write(chunk, (error) => {
      if (error) onBroken(error);
      done(error);
    });
  };
  let stream: Writable | undefined;
  const output: OutputStream = {
    isTty: false,
    fd: undefined,
    color: false,
    canRedraw: false,
    columns: () => Number(env.COLUMNS) || undefined,
    async *sizes() {},
    write: (chunk) =>
      new Promise((resolve, reject) => {
        if (isBroken || place.writableEnded || chunk.length === 0) return resolve();
        write(chunk, (error) => {
          const found = toFailure(error);
          if (found === undefined) return resolve();
          isTold = true;
          reject(found);
        });
      }),
    stream() {
      stream ??= new Writable({ write: (chunk, _encoding, done) => write(chunk, done) });
      stream.on("error", () => {});
      return stream;
    },
  };
  return {
    output,
    signal: controller.signal,
    async close() {
      if (stream !== undefined) await end(stream);
      if (!isBroken) await end(place);
      if (failure !== undefined && !isTold) throw failure;
    },
  };
}

/** Resolves when the stream has nothing more to write, or cannot. */
function end(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    if (stream.closed || stream.destroyed) return resolve();
    stream.once("close", resolve);
    stream.once("error", () => resolve());
    stream.end(() => resolve());
  });
}

function isReaderGone({ code }: NodeJS.ErrnoException): boolean {
  return (
    code === "EPIPE" ||
    code === "ECONNRESET" ||
    code === "ERR_STREAM_DESTROYED" ||
    code === "ERR_STREAM_WRITE_AFTER_END" ||
    code === "ERR_STREAM_PREMATURE_CLOSE"
  );
}
