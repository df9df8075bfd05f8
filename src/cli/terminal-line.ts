import type { Writable } from "node:stream";

/** Sees what is written to a terminal, to know whether a line is begun there. */
export interface TerminalLine {
  isBegun(): boolean;
  saw(bytes: Uint8Array): void;
  /**
   * A stream that hands on what is written to it, at once, and sees it. What fails there fails here, by
   * the next write.
   */
  watch(target: Writable): Writable;
}

const KEPT_BYTES = 64;
const ESCAPE = "\x1b";

export function createTerminalLine(): TerminalLine {
  let end = "";
  const saw = (bytes: Uint8Array) => {
    const last = Buffer.from(bytes.subarray(-KEPT_BYTES)).toString("latin1");
    end = (end + last).slice(-KEPT_BYTES);
  };
  return {
    isBegun() {
      // Colours and modes behind it leave the cursor where it is.
      const shown = end.replace(new RegExp(`(?:${ESCAPE}\\[[\\d;?]*[A-Za-z])+$`), "");
      return shown !== "" && !shown.endsWith("\n") && !shown.endsWith("\r");
    },
    saw,
    watch(target) {
      const { Writable } = process.getBuiltinModule("node:stream");
      const stream = new Writable({
        write(chunk: Buffer, _encoding, done) {
          saw(chunk);
          let isDone = false;
          const finish = (error?: Error | null) => {
            if (isDone && error != null) stream.destroy(error);
            else if (!isDone) done(error);
            isDone = true;
          };
          // The target may tell at once that it has written.
          if (target.write(chunk, finish)) finish();
        },
      });
      // Whoever writes is told by a write.
      return stream.on("error", () => {});
    },
  };
}
