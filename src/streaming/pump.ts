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
 */
export function pumpInput(source: Readable, sink: Writable): InputPump {
  let isStopped = false;
  let waitingSinceMs: number | undefined;
  const waitedMs = (): number => (waitingSinceMs === undefined ? 0 : Date.now() - waitingSinceMs);
  const send = (): void => {
    if (isStopped || waitingSinceMs !== undefined) return;
    const chunk: Buffer | string | null = source.read();
    if (chunk === null) return;
    waitingSinceMs = Date.now();
    sink.write(chunk, () => {
      setImmediate(() => {
        waitingSinceMs = undefined;
        send();
      });
    });
  };
  const onEnd = (): void => {
    stop();
    sink.end();
  };
  const stop = (): void => {
    if (isStopped) return;
    isStopped = true;
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

export interface InputPump {
  stop(): void;
  /** For how long the server has not taken the chunk that is being sent; 0 where there is none. */
  waitedMs(): number;
}
