import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import type { StreamIo } from "../../cri/backend.ts";
import { StatusError } from "../../errors/status-error.ts";
import { selfCommand } from "../../host/self-executable.ts";
import { toCancelled } from "../../host/sleep.ts";
import { spawnProcess } from "../../host/spawn-process.ts";
import { pipeInput, pipeOutput } from "./pipe-streams.ts";
import { ATTACH_READY, ATTACH_STATUS } from "./run-attach-helper.ts";
import { resizeTerminal } from "./shim-control.ts";
import type { ShimFiles } from "./shim-files.ts";

export interface AttachWish {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
}

export interface AttachedClient {
  /** Resolves when the container's streams have ended and every byte has been written. */
  readonly ended: Promise<void>;
  close(): void;
}

/**
 * Connects a caller to the container's streams through a helper process. Resolves once connected:
 * no byte that the container writes from then on is lost. Unavailable where no shim listens;
 * `ended` rejects with Cancelled on abort, and with ResourceExhausted for a caller too slow to follow.
 */
export async function attachClient(
  files: ShimFiles,
  wish: AttachWish,
  io: StreamIo,
): Promise<AttachedClient> {
  const { command, args } = selfCommand([
    "internal",
    "attach",
    files.attachSocket,
    ...(wish.stdin ? ["--stdin"] : []),
  ]);
  const child = spawnProcess(command, args, { stdio: ["pipe", "pipe", "pipe", "pipe"] });
  const ended = followHelper(child, files, wish, io);
  ended.catch(() => {});
  const message = await firstMessage(child);
  if (message === ATTACH_READY) return { ended, close: () => child.kill("SIGKILL") };
  child.kill("SIGKILL");
  if (io.signal.aborted) throw toCancelled(io.signal, io.signal.reason);
  throw new StatusError("Unavailable", `cannot attach: ${message || "the helper ended"}`);
}

async function followHelper(
  child: ChildProcess,
  files: ShimFiles,
  wish: AttachWish,
  io: StreamIo,
): Promise<void> {
  const onAbort = () => child.kill("SIGKILL");
  io.signal.addEventListener("abort", onAbort, { once: true });
  const stopInput = wish.stdin ? pipeInput(io.stdin, child.stdin) : undefined;
  const resizing = followSizes(files, io);
  try {
    const outputs = [
      pipeOutput(child.stdout, wish.stdout ? io.stdout : undefined),
      pipeOutput(child.stderr, wish.stderr ? io.stderr : undefined),
    ];
    const status = await exitStatus(child);
    if (io.signal.aborted) throw toCancelled(io.signal, io.signal.reason);
    if (status === ATTACH_STATUS.tooSlow) {
      throw new StatusError("ResourceExhausted", "the reader fell too far behind the container");
    }
    await Promise.all(outputs);
  } finally {
    stopInput?.();
    resizing.stop();
    io.signal.removeEventListener("abort", onAbort);
  }
}

async function exitStatus(child: ChildProcess): Promise<number | undefined> {
  const [code] = (await once(child, "exit")) as [number | null];
  return code ?? undefined;
}

async function firstMessage(child: ChildProcess): Promise<string> {
  const pipe = child.stdio[3] as Readable;
  let text = "";
  try {
    for await (const chunk of pipe.iterator({ destroyOnReturn: false })) {
      text += String(chunk);
      if (text.includes("\n")) break;
    }
  } catch {
    // The helper has gone; what it said counts.
  }
  pipe.resume();
  return text.trim();
}

/** Sizes are taken while the terminal lives; one that comes after its end is nobody's. */
function followSizes(files: ShimFiles, io: StreamIo): { stop(): void } {
  const iterator = io.resize?.[Symbol.asyncIterator]();
  let isStopped = false;
  const follow = async () => {
    while (iterator !== undefined && !isStopped) {
      const { done, value } = await iterator.next();
      if (done || isStopped) return;
      resizeTerminal(files, value);
    }
  };
  follow().catch(() => {});
  return {
    stop() {
      isStopped = true;
      iterator?.return?.().catch(() => {});
    },
  };
}
