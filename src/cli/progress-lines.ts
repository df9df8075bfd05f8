import type { OutputStream } from "./context.ts";
import { type Progress, progressLine, REDRAW_MS } from "./progress.ts";

/** Progress of several things at once, a line for each, on a terminal only. */
export interface ProgressLines {
  /** Adds a line, which goes when it is done. */
  start(label: string): Progress;
  /** The same stream, for whole lines of text: they come to stand above those of the progress. */
  above(stream: OutputStream): OutputStream;
}

/** No more lines than are under way at once: the terminal must have room for them. */
export function openProgressLines(stderr: OutputStream): ProgressLines {
  if (!stderr.canRedraw) {
    return { start: () => ({ update: () => {}, done: async () => {} }), above: (stream) => stream };
  }
  const lines = new Set<ReturnType<typeof progressLine>>();
  let drawn = 0;
  let writing = 0;
  let timer: NodeJS.Timeout | undefined;

  /** To the beginning of the first line. */
  const back = () => `\r${drawn > 1 ? `\x1b[${drawn - 1}A` : ""}`;
  const draw = async () => {
    if (writing > 0 || (lines.size === 0 && drawn === 0)) return;
    const room = (stderr.columns() ?? 80) - 1;
    const texts = Array.from(lines, (line) => `${line.text().slice(0, room)}\x1b[K`);
    const frame = `${back()}${texts.join("\r\n")}\x1b[J`;
    drawn = lines.size;
    await stderr.write(frame);
  };
  const write = async (stream: OutputStream, chunk: string | Uint8Array) => {
    writing++;
    try {
      const clear = `${back()}\x1b[J`;
      const hadLines = drawn > 0;
      drawn = 0;
      if (hadLines) await stderr.write(clear);
      await stream.write(chunk);
    } finally {
      writing--;
      await draw();
    }
  };
  return {
    start(label) {
      const line = progressLine(label);
      lines.add(line);
      timer ??= setInterval(() => void draw(), REDRAW_MS).unref();
      void draw();
      return {
        update: line.update,
        async done() {
          if (!lines.delete(line)) return;
          if (lines.size === 0) {
            clearInterval(timer);
            timer = undefined;
          }
          await draw();
        },
      };
    },
    above: (stream) =>
      // The stream may have state: it is not copied.
      Object.create(stream, {
        write: { value: (chunk: string | Uint8Array) => write(stream, chunk) },
      }),
  };
}
