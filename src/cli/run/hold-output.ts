import { once } from "node:events";
import { Writable } from "node:stream";

export interface HeldOutput {
  /** Where a stream may write at once; nothing is shown before `release`. */
  readonly stream: Writable;
  /**
   * Shows what was logged before the stream began, and then the stream. What both have is shown
   * once: the log's end that is the stream's beginning.
   */
  release(logged: Uint8Array): void;
  /** Resolves when everything written has been handed on. */
  flush(): Promise<void>;
}

export function holdOutput(target: Writable): HeldOutput {
  let held: Buffer[] | undefined = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (held !== undefined) {
        held.push(chunk);
        done();
      } else if (target.write(chunk)) done();
      else once(target, "drain").then(() => done(), done);
    },
  });
  return {
    stream,
    release(logged) {
      if (held === undefined) return;
      const streamed = Buffer.concat(held);
      held = undefined;
      const early = logged.subarray(0, overlapStart(logged, streamed));
      if (early.length > 0) target.write(early);
      if (streamed.length > 0) target.write(streamed);
    },
    async flush() {
      if (stream.destroyed) return;
      stream.end();
      if (!stream.writableFinished) await once(stream, "finish");
    },
  };
}

/** Where in `logged` that begins which `streamed` repeats: the longest common piece. */
function overlapStart(logged: Uint8Array, streamed: Uint8Array): number {
  for (let start = 0; start < logged.length; start++) {
    const length = Math.min(logged.length - start, streamed.length);
    const tail = Buffer.from(logged.subarray(start, start + length));
    if (length > 0 && tail.equals(streamed.subarray(0, length))) return start;
  }
  return logged.length;
}
