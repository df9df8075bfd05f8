import type { Writable } from "node:stream";
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
  place.on("error", (error: NodeJS.ErrnoException) => {
    isBroken = true;
    controller.abort(toFailure(error) ?? OUTPUT_CLOSED);
  });
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
        place.write(chunk, (error) => {
          const found = toFailure(error);
          if (found === undefined) return resolve();
          isTold = true;
          reject(found);
        });
      }),
    stream: () => place,
  };
  return {
    output,
    signal: controller.signal,
    async close() {
      await new Promise<void>((resolve) => {
        if (place.closed || isBroken) return resolve();
        place.once("close", resolve);
        place.once("error", () => resolve());
        place.end(() => resolve());
      });
      if (failure !== undefined && !isTold) throw failure;
    },
  };
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
