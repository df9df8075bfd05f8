import { setTimeout as sleep } from "node:timers/promises";
import { ContainerState, type ContainerStatus } from "../../cri/gen/runtime/v1/api.ts";
import { hasCode, StatusError } from "../../errors/status-error.ts";
import type { Context } from "../context.ts";
import { isHungUp } from "../hung-up.ts";
import { findLog } from "../logs/find-log.ts";
import { printLog } from "../logs/print-log.ts";
import { openCallerStreams } from "../open-caller-streams.ts";
import { holdOutput } from "./hold-output.ts";

export interface AttachedContainer {
  readonly containerId: string;
  readonly stdin: boolean;
  readonly tty: boolean;
}

/** How a container that was watched ended, or that it goes on without its watcher. */
export type Ending = { readonly exitCode: number } | "detached";

const CHECK_MS = 100;
const STOP_GRACE_SECONDS = 10;

/**
 * Shows what a container that was just started writes, from its first byte, until it has ended.
 *
 * Runtimes refuse to attach before the start, and what is written between start and attach is lost
 * to it. So the output comes from the log, which has all of it, and stdin alone is attached. With a
 * terminal the prompt of a program matters, which some runtimes log only with the line's end: then
 * the output is the stream's, and the log gives what came before it.
 *
 * Ctrl-C stops the container, a terminal that hangs up leaves it running; the call then rejects with
 * Cancelled.
 */
export async function stayAttached(context: Context, options: AttachedContainer): Promise<Ending> {
  try {
    if (options.tty) return await withTerminal(context, options);
    return await withLog(context, options);
  } catch (error) {
    if (context.signal.aborted && !isHungUp(context.signal))
      await stopInterrupted(context, options.containerId);
    throw error;
  }
}

async function withLog(context: Context, options: AttachedContainer): Promise<Ending> {
  const { containerId } = options;
  const path = await findLog(context, containerId);
  const done = new AbortController();
  const input = options.stdin ? passStdin(context, options, done.signal) : undefined;
  try {
    await printLog(context, path, {
      signal: context.signal,
      follow: async () => !hasEnded(await statusOf(context, containerId)),
      followCheckMs: CHECK_MS,
    });
    return await waitForExit(context, containerId);
  } finally {
    done.abort();
    await input;
  }
}

/** Feeds stdin until it or the container ends. A container that is gone needs no stdin. */
async function passStdin(
  context: Context,
  { containerId }: AttachedContainer,
  done: AbortSignal,
): Promise<void> {
  const backend = await context.backend();
  const streams = openCallerStreams(context, { stdin: true, tty: false });
  const request = { containerId, stdin: true, tty: false, stdout: false, stderr: false };
  // Its streams for the output are made when they are read, and not wanted here.
  const { stdin } = streams.io;
  try {
    const signal = AbortSignal.any([streams.io.signal, done]);
    await backend.streams.attach(request, { ...(stdin === undefined ? {} : { stdin }), signal });
  } catch (error) {
    const isOver = done.aborted || context.signal.aborted;
    if (!isOver && !hasEnded(await statusOf(context, containerId))) {
      const { printError } = await import("../print-error.ts");
      await printError(
        context.stderr,
        new StatusError("Unavailable", "stdin is cut off", { cause: error }),
      );
    }
  } finally {
    streams.close();
  }
}

async function withTerminal(context: Context, options: AttachedContainer): Promise<Ending> {
  const { containerId, stdin } = options;
  const backend = await context.backend();
  const streams = openCallerStreams(context, { stdin, tty: true });
  const output = holdOutput(streams.io.stdout ?? context.stdout.stream());
  const early = earlyOutput(context, containerId).then((bytes) => output.release(bytes));
  let isLost = false;
  try {
    const request = { containerId, stdin, tty: true, stdout: true, stderr: false };
    await backend.streams.attach(request, { ...streams.io, stdout: output.stream });
  } catch (error) {
    if (streams.isDetached()) return "detached";
    isLost = true;
    if (!hasEnded(await statusOf(context, containerId))) throw error;
    isLost = false;
  } finally {
    await early;
    await output.flush();
    if (isLost && !context.signal.aborted) await streams.endLine();
    streams.close();
  }
  return await waitForExit(context, containerId);
}

/** What the log has a moment after the start, when the stream is there. */
async function earlyOutput(context: Context, containerId: string): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  try {
    await sleep(2 * CHECK_MS, undefined, { signal: context.signal });
    const path = await findLog(context, containerId);
    const output = {
      color: false,
      fd: undefined,
      write: async (bytes: string | Uint8Array) => {
        pieces.push(typeof bytes === "string" ? Buffer.from(bytes) : Buffer.from(bytes));
      },
    };
    await printLog({ stdout: output, stderr: output }, path, { signal: context.signal });
  } catch {
    // Without a log on this node there is only what the stream brings.
  }
  return Buffer.concat(pieces);
}

async function waitForExit(context: Context, containerId: string): Promise<Ending> {
  for (;;) {
    const status = await statusOf(context, containerId);
    if (status === undefined) return { exitCode: 137 };
    if (hasEnded(status)) return { exitCode: status.exitCode };
    await sleep(CHECK_MS / 2, undefined, { signal: context.signal }).catch(() => {});
    context.signal.throwIfAborted();
  }
}

/** Undefined where somebody has removed the container. */
async function statusOf(
  context: Context,
  containerId: string,
): Promise<ContainerStatus | undefined> {
  const { runtime } = await context.backend();
  try {
    const { signal } = context;
    return (await runtime.containerStatus({ containerId, verbose: false }, { signal })).status;
  } catch (error) {
    if (hasCode(error, "NotFound")) return undefined;
    throw error;
  }
}

function hasEnded(status: ContainerStatus | undefined): boolean {
  return (
    status === undefined ||
    (status.state !== ContainerState.CONTAINER_RUNNING &&
      status.state !== ContainerState.CONTAINER_CREATED)
  );
}

async function stopInterrupted(context: Context, containerId: string): Promise<void> {
  const { runtime } = await context.backend();
  await context.stderr.write("stopping the container; Ctrl-C again leaves it running\n");
  const timeout = BigInt(STOP_GRACE_SECONDS);
  await runtime.stopContainer({ containerId, timeout }, { timeoutMs: STOP_GRACE_SECONDS * 2000 });
}
