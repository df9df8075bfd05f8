import type { ChildProcess } from "node:child_process";
import { StatusError } from "../errors/status-error.ts";
import { signalTree } from "./signal-tree.ts";
import { throwIfAborted, toCancelled } from "./sleep.ts";
import { spawnProcess } from "./spawn-process.ts";

export interface RunProcessOptions {
  /** Written to stdin, which is then closed; without it stdin is /dev/null. */
  input?: string | Uint8Array;
  /** The whole environment; the caller's own where absent. */
  env?: Readonly<Record<string, string>>;
  cwd?: string;
  /** Kills the process and rejects with Cancelled when aborted. */
  signal?: AbortSignal;
  /** Kills the process and rejects with DeadlineExceeded. */
  timeoutMs?: number;
  /** Whatever kills the process kills all that descends from it, too. */
  killsDescendants?: boolean;
  /** Of stdout and of stderr, each; more kills the process and rejects with ResourceExhausted. Default 16 MiB. */
  maxOutputBytes?: number;
}

export interface ProcessResult {
  /** Undefined when a signal ended the process. */
  readonly exitCode: number | undefined;
  readonly signal: NodeJS.Signals | undefined;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

const DEFAULT_MAX_OUTPUT_BYTES = 16 * 1024 * 1024;
/** How long output may still come after the exit, from children that hold the pipes. */
const DRAIN_MS = 100;

/**
 * Runs a program to its end and collects its output. Any exit is a result, not an error; rejects
 * with FailedPrecondition when there is no such program (the hint names the Debian package where known),
 * with Cancelled, DeadlineExceeded and ResourceExhausted as the options say.
 */
export async function runProcess(
  command: string,
  args: readonly string[],
  options: RunProcessOptions = {},
): Promise<ProcessResult> {
  throwIfAborted(options.signal);
  const child = spawnProcess(command, args, {
    stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    ...(options.env === undefined ? {} : { env: { ...options.env } }),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  const cancelled = Promise.withResolvers<never>();
  cancelled.promise.catch(() => {});
  const limitBytes = options.maxOutputBytes ?? DEFAULT_MAX_OUTPUT_BYTES;
  const tooMuch = () =>
    cancelled.reject(
      new StatusError("ResourceExhausted", `"${command}" wrote more than ${limitBytes} bytes`),
    );
  const stdout = collect(child.stdout, limitBytes, tooMuch);
  const stderr = collect(child.stderr, limitBytes, tooMuch);
  const stopWatching = watchLimits(command, options, cancelled.reject);
  try {
    const ended = waitForEnd(child, command);
    writeInput(child, options.input);
    const { exitCode, signal } = await Promise.race([ended, cancelled.promise]);
    return { exitCode, signal, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr) };
  } catch (error) {
    if (options.killsDescendants === true) signalTree(child.pid, "SIGKILL");
    else child.kill("SIGKILL");
    throw error;
  } finally {
    stopWatching();
    child.stdout?.destroy();
    child.stderr?.destroy();
  }
}

function watchLimits(
  command: string,
  options: RunProcessOptions,
  reject: (error: StatusError) => void,
): () => void {
  const { signal, timeoutMs } = options;
  const onAbort = () => reject(toCancelled(signal, signal?.reason));
  signal?.addEventListener("abort", onAbort, { once: true });
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(
          () =>
            reject(
              new StatusError(
                "DeadlineExceeded",
                `"${command}" took longer than ${timeoutMs / 1000} s`,
              ),
            ),
          timeoutMs,
        );
  return () => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  };
}

/** Ends with the pipes, or shortly after the exit where a child of the child keeps them open. */
function waitForEnd(
  child: ChildProcess,
  command: string,
): Promise<Pick<ProcessResult, "exitCode" | "signal">> {
  return new Promise((resolve, reject) => {
    const finish = (code: number | null, signal: NodeJS.Signals | null) =>
      resolve({ exitCode: code ?? undefined, signal: signal ?? undefined });
    child.once("error", (cause) =>
      reject(new StatusError("Internal", `could not start "${command}"`, { cause })),
    );
    child.once("close", finish);
    child.once("exit", (code, signal) => {
      const drain = setTimeout(() => finish(code, signal), DRAIN_MS);
      child.once("close", () => clearTimeout(drain));
    });
  });
}

function writeInput(child: ChildProcess, input: string | Uint8Array | undefined): void {
  if (input === undefined || child.stdin === null) return;
  // A program may end without reading all of it: that is no failure of ours.
  child.stdin.on("error", () => {});
  child.stdin.end(input);
}

function collect(
  stream: NodeJS.ReadableStream | null,
  limitBytes: number,
  tooMuch: () => void,
): Buffer[] {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  stream?.on("data", (chunk: Buffer) => {
    sizeBytes += chunk.length;
    if (sizeBytes > limitBytes) tooMuch();
    else chunks.push(chunk);
  });
  return chunks;
}
