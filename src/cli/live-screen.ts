import { guardStop } from "../host/guard-stop.ts";
import { processJob } from "../host/job-control.ts";
import { sleep } from "../host/sleep.ts";
import { displayWidth, firstColumns } from "../output/display-width.ts";
import { escapeControl } from "../output/escape-control.ts";
import type { OutputStream } from "./context.ts";

/** The terminal's other screen, showing one text in place of the one before. */
export interface LiveScreen {
  /**
   * Lines beyond the screen's are left out; it is drawn again when the size changes. The note is a
   * dim line below the text, seen however long that is; on a narrow screen its beginning.
   */
  show(text: string, note?: string): Promise<void>;
  /**
   * Waits that long, or until the screen is wider or narrower than at the wait before: then what it shows
   * is to be laid out anew. The signal ends it too.
   */
  pause(durationMs: number): Promise<"over" | "resized">;
  /** The screen is as it was before. Idempotent. */
  close(): Promise<void>;
}

/** The other screen; no cursor, and no line that goes on in the next. */
const ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[H\x1b[2J";
const LEAVE = "\x1b[?7h\x1b[?25h\x1b[?1049l";
const DEFAULT_ROWS = 24;
const ESCAPE = "\x1b";
const COLOR = new RegExp(`(${ESCAPE}\\[[0-9;:]*m)`);

/**
 * Takes the terminal until close(), which the caller calls whatever happens. While the process is
 * stopped (Ctrl-Z) the terminal has its own screen. The signal ends no more than the following of
 * its size, and a pause. Only for a stream that `canRedraw`.
 */
export async function openLiveScreen(
  stdout: OutputStream,
  signal: AbortSignal,
): Promise<LiveScreen> {
  const ending = new AbortController();
  let rows = DEFAULT_ROWS;
  let columns: number | undefined;
  let isResized = false;
  let pausing: AbortController | undefined;
  let shown = "";
  let note = "";
  let isOpen = true;
  const draw = async () => {
    if (!isOpen) return;
    const lines = shown.split("\n").slice(0, note === "" ? rows : rows - 1);
    const width = columns || Number.POSITIVE_INFINITY;
    if (note !== "") lines.push(dim(cutEnd(escapeControl(note), width)));
    // Erased first: behind a line as wide as the screen its last column would be.
    const drawn = lines.map((line, index) => {
      const erase = index === lines.length - 1 ? "\x1b[J" : "\x1b[K";
      return `${erase}${upTo(width, withoutMovement(line))}\x1b[m`;
    });
    await stdout.write(`\x1b[H${drawn.join("\r\n")}`);
  };
  const dim = (line: string) => (stdout.color ? `\x1b[2m${line}` : line);
  await stdout.write(ENTER);
  const sized = followSize();
  const stopAsUsual = guardStop({
    before: () => void stdout.write(LEAVE),
    after: () => void stdout.write(ENTER).then(processJob.refreshSize).then(draw),
  });

  async function followSize(): Promise<void> {
    const either = AbortSignal.any([signal, ending.signal]);
    for await (const size of stdout.sizes(either)) {
      if (either.aborted) return;
      rows = size.rows || DEFAULT_ROWS;
      if (columns !== undefined && columns !== size.columns) {
        isResized = true;
        pausing?.abort();
      }
      columns = size.columns;
      await draw();
    }
  }

  return {
    async show(text, below = "") {
      shown = text;
      note = below;
      await draw();
    },
    async pause(durationMs) {
      pausing = new AbortController();
      const either = AbortSignal.any([signal, pausing.signal]);
      // Its rejection is the end of the wait.
      if (!isResized) await sleep(durationMs, { signal: either }).catch(() => {});
      const wasResized = isResized;
      isResized = false;
      return wasResized ? "resized" : "over";
    },
    async close() {
      if (!isOpen) return;
      isOpen = false;
      ending.abort();
      stopAsUsual();
      await stdout.write(LEAVE);
      await sized.catch(() => {});
    },
  };
}

/** A line's first characters: in its last column a terminal shows whatever comes last. */
function upTo(width: number, line: string): string {
  let left = width;
  const tokens = line.split(COLOR).map((token, index) => {
    if (index % 2 === 1) return token;
    const shown = firstColumns(token, left);
    left -= displayWidth(shown);
    return shown;
  });
  return tokens.join("");
}

function cutEnd(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}

/** Colours stay; what would move the cursor or change the terminal goes. */
function withoutMovement(line: string): string {
  const tokens = line.split(COLOR);
  return tokens
    .map((token, index) => (index % 2 === 1 ? token : token.replaceAll(/[^\P{Cc}\t]/gu, "")))
    .join("");
}
