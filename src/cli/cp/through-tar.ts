/**
 * A container's files through its own tar, run by exec: for runtimes on another node, and for whoever
 * may not look into the node's /proc. It does what the container's user may do.
 */
import { PassThrough, Readable, Writable } from "node:stream";
import { StatusError } from "../../errors/status-error.ts";
import type { Context } from "../context.ts";
import { startFailureStatus } from "../exec/start-failure.ts";
import { chooseTarget, parentOf } from "./choose-target.ts";
import type { ContainerSide } from "./container-side.ts";
import { splitSource } from "./parse-place.ts";

export function openThroughTar(
  context: Context,
  containerId: string,
  reference: string,
): ContainerSide {
  const run = (cmd: readonly string[], io: TarIo) =>
    runInside(context, { containerId, reference, cmd, ...io });
  return {
    async *read(path, { follow }) {
      const { directory, name, isDirectory } = splitSource(absolute(path));
      if (follow && name !== undefined) {
        throw new StatusError(
          "FailedPrecondition",
          "the container's tar does not follow one link",
          {
            hint: "with a slash at the end a link to a directory is followed",
          },
        );
      }
      const source = isDirectory && name !== undefined ? `./${name}/` : `./${name ?? ""}`;
      const stdout = new PassThrough();
      const ending = new AbortController();
      const done = run(["tar", "-cf", "-", "-C", directory, source], {
        stdout,
        signal: AbortSignal.any([context.signal, ending.signal]),
      }).finally(() => stdout.end());
      done.catch(() => {});
      try {
        yield* stdout as AsyncIterable<Buffer>;
        await done;
      } finally {
        ending.abort();
      }
    },
    async write(path, source, options) {
      const existing = await kindInside(run, absolute(path), options.signal);
      const target = chooseTarget(path, existing, source);
      const base = target.below === "path" ? absolute(path) : parentOf(absolute(path));
      await unpack(run, base, source.archive(target.name ?? "."), options.signal);
    },
    async extract(path, archive, { signal }) {
      await unpack(run, absolute(path), archive, signal);
    },
    close: () => {},
  };
}

interface TarIo {
  readonly stdin?: Readable;
  readonly stdout?: Writable;
  readonly signal: AbortSignal;
}

type Run = (cmd: readonly string[], io: TarIo) => Promise<void>;

async function unpack(
  run: Run,
  directory: string,
  archive: AsyncIterable<Buffer>,
  signal: AbortSignal,
): Promise<void> {
  const failed = new AbortController();
  let failure: unknown;
  const guarded = async function* () {
    try {
      yield* archive;
    } catch (error) {
      failure = error;
      failed.abort();
    }
  };
  const stdin = Readable.from(guarded(), { objectMode: false });
  try {
    await run(["tar", "-xpf", "-", "-C", directory], {
      stdin,
      signal: AbortSignal.any([signal, failed.signal]),
    });
  } catch (error) {
    throw failure ?? error;
  } finally {
    stdin.destroy();
  }
  if (failure !== undefined) throw failure;
}

async function kindInside(
  run: Run,
  path: string,
  signal: AbortSignal,
): Promise<"directory" | "other" | "nothing"> {
  const test = async (flag: string) => {
    try {
      await run(["sh", "-c", `[ ${flag} "$1" ]`, "sh", path], {
        signal,
      });
      return true;
    } catch (error) {
      if (error instanceof StatusError && error.code === "Aborted") return false;
      throw error;
    }
  };
  if (await test("-d")) return "directory";
  return (await test("-e")) ? "other" : "nothing";
}

const ERROR_BYTES = 4096;

/**
 * Runs the command to its end. Throws Aborted for a status that is not 0, with what it wrote to
 * stderr, and FailedPrecondition where there is no such program.
 */
async function runInside(
  context: Context,
  options: TarIo & {
    readonly containerId: string;
    readonly reference: string;
    readonly cmd: readonly string[];
  },
): Promise<void> {
  const { containerId, reference, cmd, stdin, signal } = options;
  const { streams } = await context.backend();
  let errors = "";
  const stderr = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (errors.length < ERROR_BYTES) errors += chunk.toString();
      done();
    },
  });
  const stdout = options.stdout ?? new PassThrough().resume();
  const request = { containerId, cmd: [...cmd], tty: false, stdin: stdin !== undefined };
  try {
    const { exitCode } = await streams.exec(
      { ...request, stdout: true, stderr: true },
      { ...(stdin === undefined ? {} : { stdin }), stdout, stderr, signal },
    );
    if (exitCode === 0) return;
    if (exitCode === 127 || exitCode === 126) throw noProgram(cmd[0] ?? "", reference);
    throw new StatusError(
      /no such file/i.test(errors) ? "NotFound" : "Aborted",
      `${cmd[0]} in container "${reference}": ${reason(errors, exitCode)}`,
    );
  } catch (error) {
    throw startFailureStatus(error) === undefined ? error : noProgram(cmd[0] ?? "", reference);
  }
}

function noProgram(program: string, reference: string): StatusError {
  return new StatusError("FailedPrecondition", `container "${reference}" has no ${program}`, {
    hint: "as root on its node crish needs none",
  });
}

function reason(errors: string, exitCode: number): string {
  const [first = ""] = errors.split("\n").filter((line) => line.trim() !== "");
  return first === "" ? `status ${exitCode}` : first.replace(/^tar: /, "");
}

/** What is relative begins at the root, as in docker cp. */
function absolute(path: string): string {
  return path.startsWith("/") ? path : `/${path}`;
}
