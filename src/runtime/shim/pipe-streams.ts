import type { Readable, Writable } from "node:stream";

/**
 * Moves the caller's stdin into a child's, with back-pressure; its end is passed on. Returns how to
 * stop: the caller's stream is then free for the next reader.
 */
export function pipeInput(from: Readable | undefined, to: Writable | null): () => void {
  if (to === null) return () => {};
  // The child may end without reading all of it.
  to.on("error", () => {});
  if (from === undefined) {
    to.end();
    return () => {};
  }
  from.pipe(to);
  return () => {
    from.unpipe(to);
    from.pause();
    to.destroy();
  };
}

/**
 * Moves a child's output to the caller, with back-pressure, and resolves when its end has been
 * written. Without a target, or when that breaks, the output is read and dropped. The target stays open.
 */
export async function pipeOutput(from: Readable | null, to: Writable | undefined): Promise<void> {
  if (from === null) return;
  if (to === undefined) {
    from.resume();
    return;
  }
  let isBroken = false;
  const onError = () => {
    isBroken = true;
  };
  to.on("error", onError);
  try {
    for await (const chunk of from) {
      if (isBroken || to.destroyed || to.write(chunk)) continue;
      await drained(to);
    }
    if (!isBroken && to.writable) await written(to);
  } catch {
    // The child's end of the pipe broke: what came until then counts.
  } finally {
    to.off("error", onError);
  }
}

/** Resolves when all that was written has gone, or never will. */
function written(to: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      to.off("close", done).off("error", done);
      resolve();
    };
    to.on("close", done).on("error", done);
    // A failure is told to the callback first: whoever listens here must still do so at its event.
    to.write("", (error) => {
      if (!error) done();
    });
  });
}

/** Resolves when the stream takes more, or never will. Nothing listens to it afterwards. */
function drained(to: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      to.off("drain", done).off("close", done).off("error", done);
      resolve();
    };
    to.on("drain", done).on("close", done).on("error", done);
  });
}
