import type { Readable, Writable } from "node:stream";
import { StatusError } from "../errors/status-error.ts";

/**
 * Writes all of a channel to the caller's stream, one chunk at a time, and resolves when the last is
 * written. The sink stays open. Rejects with Aborted when the sink fails.
 */
export async function pumpOutput(source: Readable, sink: Writable | undefined): Promise<void> {
  if (sink === undefined) {
    for await (const _ of source);
    return;
  }
  const ignore = (): void => {};
  sink.on("error", ignore);
  try {
    for await (const chunk of source) await write(sink, chunk);
  } finally {
    sink.off("error", ignore);
  }
}

function write(sink: Writable, chunk: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    sink.write(chunk, (cause) => {
      if (cause == null) resolve();
      else reject(new StatusError("Aborted", "output cannot be written", { cause }));
    });
  });
}

/**
 * Sends the caller's stdin to a channel and ends the channel with it, until it is stopped; stdin is
 * then left paused and open. Between chunks the event loop turns once, so that what the server says
 * last is read before a write finds that it has gone. It pulls, and never pauses stdin meanwhile:
 * on Bun the end of a stdin that comes while it is paused may be lost.
 *
 * Unless it is a terminal's, a chunk is held until more comes or the end, for 2 ms at most. So the end
 * goes out together with the last chunk, which may be what makes the command end: sent behind it, it can
 * reach a server that has just written the status and closes the connection, and the kernel then drops
 * the status unread.
 */
export function pumpInput(
  source: Readable,
  sink: Writable,
  { isTerminal = false } = {},
): InputPump {
  const holdMs = isTerminal ? 0 : HOLD_MS;
  let isStopped = false;
  let waitingSinceMs: number | undefined;
  let endingSinceMs: number | undefined;
  let held: Buffer | string | undefined;
  let holding: NodeJS.Timeout | undefined;
  const waitedMs = (): number => {
    const sinceMs = waitingSinceMs ?? endingSinceMs;
    return sinceMs === undefined ? 0 : Date.now() - sinceMs;
  };
  const send = (): void => {
    if (isStopped || waitingSinceMs !== undefined) return;
    const next: Buffer | string | null = source.read();
    const last = held;
    held = next ?? last;
    if (next !== null && last !== undefined) pass(last);
    else if (held !== undefined && holdMs === 0) release();
    else if (held !== undefined) holding ??= setTimeout(release, holdMs);
  };
  const release = (): void => {
    const chunk = held;
    held = undefined;
    if (chunk !== undefined) pass(chunk);
  };
  const pass = (chunk: Buffer | string): void => {
    stopHolding();
    waitingSinceMs = Date.now();
    sink.write(chunk, () => {
      setImmediate(() => {
        waitingSinceMs = undefined;
        send();
      });
    });
  };
  const stopHolding = (): void => {
    clearTimeout(holding);
    holding = undefined;
  };
  const onEnd = (): void => {
    stop();
    endingSinceMs = Date.now();
    sink.once("finish", () => {
      endingSinceMs = undefined;
    });
    if (held === undefined) sink.end();
    else sink.end(held);
  };
  const stop = (): void => {
    if (isStopped) return;
    isStopped = true;
    stopHolding();
    source.off("readable", send).off("end", onEnd).off("close", onEnd).off("error", onEnd);
    source.pause();
  };
  sink.on("error", stop);
  if (source.readableEnded || source.destroyed) {
    onEnd();
    return { stop, waitedMs };
  }
  source.on("end", onEnd).on("close", onEnd).on("error", onEnd).on("readable", send);
  send();
  return { stop, waitedMs };
}

const HOLD_MS = 2;

export interface InputPump {
  stop(): void;
  /** For how long the server has not taken the chunk, or the end, that is being sent; 0 where there is none. */
  waitedMs(): number;
}
