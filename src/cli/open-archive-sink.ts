import type { Writable } from "node:stream";
import { errnoText } from "../errors/errno-text.ts";
import { StatusError } from "../errors/status-error.ts";
import { randomHex } from "../host/random-id.ts";
import type { Context } from "./context.ts";

/** Where an archive is written to. */
export interface ArchiveSink {
  readonly stream: Writable;
  /** The archive is whole: makes it visible. Rejects where it could not be written. */
  commit(): Promise<void>;
  /** Removes what was written. Idempotent; does nothing after commit. */
  discard(): Promise<void>;
  /** What the stream failed with, as an error that names the place; others as they are. */
  toError(error: unknown): unknown;
}

/**
 * A file that appears under its name only when it is whole, beside the old one until then; a device or
 * pipe as it is; `-` is stdout. Throws InvalidArgument for a terminal and for a path that nothing can
 * be written to.
 */
export async function openArchiveSink(context: Context, path: string): Promise<ArchiveSink> {
  if (path === "-") return toStdout(context);
  const { resolve } = await import("node:path");
  const absolute = resolve(context.cwd, path);
  try {
    return await openFile(path, absolute);
  } catch (error) {
    if (error instanceof StatusError) throw error;
    throw new StatusError("InvalidArgument", `cannot write "${path}": ${errnoText(error)}`);
  }
}

function toStdout({ stdout }: Context): ArchiveSink {
  if (stdout.isTty) {
    throw new StatusError("InvalidArgument", "an archive is not written to the terminal", {
      hint: "name a file with -o, or pipe it on",
    });
  }
  const nothing = async () => {};
  return {
    stream: stdout.stream(),
    commit: nothing,
    discard: nothing,
    toError: (error) => error,
  };
}

async function openFile(shown: string, absolute: string): Promise<ArchiveSink> {
  const { createWriteStream } = await import("node:fs");
  const { open, realpath, rename, stat, unlink } = await import("node:fs/promises");
  const { basename, dirname, join } = await import("node:path");
  const present = await stat(absolute).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
  if (present?.isDirectory()) {
    throw new StatusError("InvalidArgument", `cannot write "${shown}": it is a directory`);
  }
  const toError = (error: unknown) =>
    error instanceof StatusError
      ? error
      : new StatusError("ResourceExhausted", `cannot write "${shown}": ${errnoText(error)}`);
  if (present !== undefined && !present.isFile()) {
    const file = await open(absolute, "w");
    const stream = createWriteStream(absolute, { fd: file, autoClose: false });
    stream.on("error", () => {});
    const close = () => file.close();
    return { stream, commit: close, discard: close, toError };
  }
  // A link keeps leading where it led.
  const target = present === undefined ? absolute : await realpath(absolute);
  const temporary = join(dirname(target), `.${basename(target)}.${randomHex(6)}.partial`);
  let file: Awaited<ReturnType<typeof open>> | undefined = await open(
    temporary,
    "wx",
    present === undefined ? 0o666 : present.mode & 0o777,
  );
  const stream = createWriteStream(temporary, { fd: file, autoClose: false });
  stream.on("error", () => {});
  const close = async () => {
    const opened = file;
    file = undefined;
    await opened?.close();
  };
  return {
    stream,
    async commit() {
      await close();
      await rename(temporary, target);
    },
    async discard() {
      if (file === undefined) return;
      stream.destroy();
      await close();
      await unlink(temporary).catch(() => {});
    },
    toError,
  };
}
