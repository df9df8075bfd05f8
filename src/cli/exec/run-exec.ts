import type { CriBackend, DialOptions, ExecOverrides } from "../../cri/backend.ts";
import { StatusError } from "../../errors/status-error.ts";
import type { Context } from "../context.ts";
import { openCallerStreams } from "../open-caller-streams.ts";
import { printError } from "../print-error.ts";
import { isNullDevice } from "./is-null-device.ts";
import { startFailureStatus } from "./start-failure.ts";
import { wrapCommand } from "./wrap-command.ts";

export interface ExecOptions {
  readonly containerId: string;
  readonly command: readonly string[];
  readonly overrides: ExecOverrides;
  readonly stdin: boolean;
  readonly tty: boolean;
  readonly sync: boolean;
  /** Only with sync; 0 for none. */
  readonly timeoutMs: number;
  readonly dial: DialOptions;
  /** The only exec of this command: it may have the caller's own descriptors. */
  readonly isOnly: boolean;
}

/** Time for ExecSync beyond the command's own. */
const SYNC_GRACE_MS = 10_000;

/**
 * Runs a command in a container and resolves to its status, 126 or 127 where it could not start.
 * Rejects with any other failure.
 */
export async function runExec(context: Context, options: ExecOptions): Promise<number> {
  const backend = await context.backend();
  try {
    return options.sync && !needsOverrides(backend, options)
      ? await execSync(context, backend, options)
      : await execStream(context, backend, options);
  } catch (error) {
    const status = startFailureStatus(error);
    if (status === undefined) throw error;
    await printError(context.stderr, error);
    return status;
  }
}

/** ExecSync knows no overrides: where the backend has them, the stream does the same work. */
function needsOverrides(backend: CriBackend, { overrides }: ExecOptions): boolean {
  return backend.kind === "embedded" && Object.keys(overrides).length > 0;
}

async function execSync(
  context: Context,
  { runtime }: CriBackend,
  options: ExecOptions,
): Promise<number> {
  const { containerId, timeoutMs } = options;
  const timeout = BigInt(Math.ceil(timeoutMs / 1000));
  const { stdout, stderr, exitCode } = await runtime.execSync(
    { containerId, cmd: wrapCommand(options.command, options.overrides), timeout },
    { signal: context.signal, timeoutMs: timeoutMs > 0 ? timeoutMs + SYNC_GRACE_MS : 0 },
  );
  await context.stdout.write(stdout);
  await context.stderr.write(stderr);
  return exitCode;
}

async function execStream(
  context: Context,
  backend: CriBackend,
  options: ExecOptions,
): Promise<number> {
  const { containerId, overrides, tty } = options;
  // Without one the command reads the same end. An stdin that ends before containerd 1.6 has opened
  // it may keep its shim waiting for ever.
  const stdin = options.stdin && !isNullDevice(context.stdin.fd);
  const isEmbedded = backend.kind === "embedded";
  const cmd = isEmbedded ? [...options.command] : wrapCommand(options.command, overrides);
  const streams = openCallerStreams(context, {
    stdin,
    tty,
    dial: options.dial,
    mayInherit: isEmbedded && options.isOnly,
  });
  const limit = options.sync && options.timeoutMs > 0 ? options.timeoutMs : undefined;
  const io = limit === undefined ? streams.io : withTimeLimit(streams.io, limit);
  try {
    const request = { containerId, cmd, tty, stdin, stdout: true, stderr: !tty };
    const { exitCode } = await backend.streams.exec(
      isEmbedded && Object.keys(overrides).length > 0 ? { ...request, overrides } : request,
      io,
    );
    return exitCode;
  } catch (error) {
    if (streams.isDetached()) return 0;
    if (!context.signal.aborted) await streams.endLine();
    if (!context.signal.aborted && io.signal.aborted) {
      throw new StatusError("DeadlineExceeded", `the command took longer than ${limit} ms`);
    }
    throw error;
  } finally {
    streams.close();
  }
}

function withTimeLimit<T extends { signal: AbortSignal }>(io: T, timeoutMs: number): T {
  const signal = AbortSignal.any([io.signal, AbortSignal.timeout(timeoutMs)]);
  // Not a copy, which would make the streams that are made when they are read.
  return Object.create(io, { signal: { value: signal } });
}
