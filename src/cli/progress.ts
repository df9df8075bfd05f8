/**
 * What is under way, on stderr and on a terminal only: lines that are drawn anew. A pipe sees nothing
 * of them.
 */
import type { ImageProgress } from "../cri/image-store.ts";
import { formatSize } from "../output/format-size.ts";
import type { OutputStream } from "./context.ts";

export const REDRAW_MS = 100;
const BAR_WIDTH = 24;
const CLEAR_LINE = "\r\u001b[K";

export interface Progress {
  /** Layers of a pull, load, save or push; without a call the line shows the time that has passed. */
  update(progress: ImageProgress): void;
  /** Takes the line away. Idempotent. */
  done(): Promise<void>;
}

/** `state` is what the line shows besides the time, where no layers are told of. */
export function startProgress(
  stderr: OutputStream,
  label: string,
  state: () => string = () => "",
): Progress {
  if (!stderr.canRedraw) return { update: () => {}, done: async () => {} };
  const line = progressLine(label, state);
  let isDone = false;
  const draw = () => {
    const room = (stderr.columns() ?? 80) - 1;
    void stderr.write(CLEAR_LINE + line.text().slice(0, room));
  };
  draw();
  const timer = setInterval(draw, REDRAW_MS);
  timer.unref();
  return {
    update: line.update,
    async done() {
      if (isDone) return;
      isDone = true;
      clearInterval(timer);
      await stderr.write(CLEAR_LINE);
    },
  };
}

/** What a line says now. */
export function progressLine(
  label: string,
  state: () => string = () => "",
): { readonly update: Progress["update"]; text(): string } {
  const startedAtMs = performance.now();
  let latest: ImageProgress | undefined;
  return {
    update(progress) {
      latest = progress;
    },
    text() {
      const elapsed = `${Math.floor((performance.now() - startedAtMs) / 1000)}s`;
      const now = latest === undefined ? state() : summary(latest);
      return [label, now, elapsed].filter(Boolean).join("  ");
    },
  };
}

/** `[=====>    ] 12.3MB/31MB  3/4 layers`, and what the rest of them does. */
function summary({ layers }: ImageProgress): string {
  let done = 0;
  let total = 0;
  let finished = 0;
  let unpacking = 0;
  for (const layer of layers) {
    const isFinished = layer.phase === "done" || layer.phase === "exists";
    done += isFinished || layer.phase === "unpacking" ? layer.totalBytes : layer.doneBytes;
    total += layer.totalBytes;
    if (isFinished) finished++;
    if (layer.phase === "unpacking") unpacking++;
  }
  const filled = total === 0 ? 0 : Math.min(BAR_WIDTH, Math.round((done / total) * BAR_WIDTH));
  const bar = `[${"=".repeat(filled)}${" ".repeat(BAR_WIDTH - filled)}]`;
  const unpack = unpacking === 0 ? "" : `, ${unpacking} unpacking`;
  return `${bar} ${formatSize(done)}/${formatSize(total)}  ${finished}/${layers.length} layers${unpack}`;
}
