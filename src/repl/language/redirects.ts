import { type FileHandle, open } from "node:fs/promises";
import { isAbsolute } from "node:path";
import type { Readable } from "node:stream";
import type { InputStream, OutputStream, Session } from "../../cli/context.ts";
import { errnoText } from "../../errors/errno-text.ts";
import { StatusError } from "../../errors/status-error.ts";
import { expandToOne, type Values } from "./expand-words.ts";
import type { Redirect } from "./program.ts";
import { createSink, type Sink } from "./sink.ts";

export interface Redirected {
  readonly session: Session;
  /** Writes out and closes the files. Rejects where that fails. */
  close(): Promise<void>;
}

/**
 * Opens the files from left to right, as sh does, before the command runs. Rejects with one line
 * for a file that cannot be opened; those opened before it are closed again.
 */
export async function openRedirects(
  redirects: readonly Redirect[],
  values: Values,
  session: Session,
): Promise<Redirected> {
  let { stdin, stdout, stderr } = session;
  const sinks: Sink[] = [];
  const inputs: FileHandle[] = [];
  const close = async () => {
    await Promise.allSettled(inputs.map((handle) => handle.close()));
    const closed = await Promise.allSettled(sinks.map((sink) => sink.close()));
    const failed = closed.find((result) => result.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  };
  try {
    for (const { from, mode, to, target } of redirects) {
      if (target === undefined) {
        const copied = to === 2 ? stderr : stdout;
        if (from === 2) stderr = withPlaceOf(session.stderr, copied);
        else stdout = copied;
        continue;
      }
      const name = await expandToOne(target, values);
      if (mode === "read") {
        const handle = await openFile(name, "r", session.cwd);
        inputs.push(handle);
        stdin = fileInput(handle);
        continue;
      }
      const handle = await openFile(name, mode === "append" ? "a" : "w", session.cwd);
      const sink = createSink(handle.createWriteStream(), `"${name}"`, session.env);
      sinks.push(sink);
      if (from !== 2) stdout = sink.output;
      if (from !== 1) stderr = withPlaceOf(session.stderr, sink.output);
    }
  } catch (error) {
    await close().catch(() => {});
    throw error;
  }
  const signal =
    sinks.length === 0
      ? session.signal
      : AbortSignal.any([session.signal, ...sinks.map((sink) => sink.signal)]);
  return { session: { ...session, stdin, stdout, stderr, signal }, close };
}

/** Errors say their place in a script wherever they are written. */
function withPlaceOf(old: OutputStream, output: OutputStream): OutputStream {
  if (old.place === undefined) return output;
  return Object.create(output, { place: { value: old.place } });
}

/** `resolve` would drop a `/` or `/.` at the end, with which the name is that of a directory alone. */
async function openFile(name: string, flags: string, cwd: string): Promise<FileHandle> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(isAbsolute(name) ? name : `${cwd}/${name}`, flags);
    if (flags === "r" && (await handle.stat()).isDirectory()) {
      throw Object.assign(new Error(), { code: "EISDIR" });
    }
    return handle;
  } catch (error) {
    await handle?.close();
    throw new StatusError("FailedPrecondition", `cannot open "${name}": ${errnoText(error)}`);
  }
}

function fileInput(handle: FileHandle): InputStream {
  let opened: Readable | undefined;
  return {
    isTty: false,
    fd: undefined,
    stream() {
      opened ??= handle.createReadStream({ autoClose: false });
      return opened;
    },
    enterRawMode: () => () => {},
  };
}
