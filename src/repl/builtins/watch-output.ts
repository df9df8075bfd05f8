import type { OutputStream, Session } from "../../cli/context.ts";
import { EXIT } from "../../errors/exit-code.ts";
import { guardStop } from "../../host/guard-stop.ts";
import { sleep } from "../../host/sleep.ts";
import { escapeControl } from "../../output/escape-control.ts";
import { emptyInput } from "../empty-input.ts";
import { createCapturedOutput } from "../language/captured-output.ts";
import type { Shell } from "../shell.ts";
import { runRest } from "./run-rest.ts";

export interface Watch {
  readonly words: readonly string[];
  readonly title: string;
  readonly intervalMs: number;
  readonly shell: Shell;
  readonly session: Session;
}

/** The other screen; no cursor, and no line that goes on in the next. */
const ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[H\x1b[2J";
const LEAVE = "\x1b[?7h\x1b[?25h\x1b[?1049l";
const DEFAULT_ROWS = 24;
const ESCAPE = "\x1b";
const COLOR = new RegExp(`(${ESCAPE}\\[[0-9;:]*m)`);

/** Shows each run in place of the one before, until the signal aborts. */
export async function watchOnTerminal(watch: Watch): Promise<void> {
  const { title, intervalMs, shell, session } = watch;
  const { signal, stdout } = session;
  const screen = createScreen(stdout, title);
  const resized = followSize(screen, stdout, signal);
  await stdout.write(ENTER);
  const stopAsUsual = guardStop({
    before: () => void stdout.write(LEAVE),
    after: () => void stdout.write(ENTER).then(screen.redraw),
  });
  try {
    while (!signal.aborted && !shell.leaving) {
      // A command that does not end at Ctrl-C must not keep the screen.
      const shown = await Promise.race([runOnce(watch), aborted(signal)]);
      if (shown === undefined) break;
      await screen.show(shown);
      await pause(intervalMs, signal);
    }
  } finally {
    stopAsUsual();
    await stdout.write(LEAVE);
    await resized.catch(() => {});
  }
}

/** Writes each run behind the one before. */
export async function watchOnPipe(watch: Watch): Promise<void> {
  const { words, intervalMs, shell, session } = watch;
  const { signal, stdout } = session;
  for (let isFirst = true; !signal.aborted && !shell.leaving; isFirst = false) {
    if (!isFirst) await stdout.write("\n");
    await runRest(words, { ...session, stdin: emptyInput() }, shell);
    await pause(intervalMs, signal);
  }
}

interface Shown {
  readonly text: string;
  readonly status: number;
}

async function runOnce({ words, shell, session }: Watch): Promise<Shown> {
  const { isTty, color } = session.stdout;
  const columns = () => session.stdout.columns();
  const captured = createCapturedOutput({ isTty, color, columns });
  const status = await runRest(
    words,
    { ...session, stdin: emptyInput(), stdout: captured.output, stderr: captured.output },
    shell,
  );
  return { text: captured.text(), status };
}

interface Screen {
  show(shown: Shown): Promise<void>;
  resize(rows: number): Promise<void>;
  redraw(): Promise<void>;
}

function createScreen(stdout: OutputStream, title: string): Screen {
  let rows = DEFAULT_ROWS;
  let last: Shown | undefined;
  const draw = async () => {
    if (last === undefined) return;
    const { text, status } = last;
    const mark = status === EXIT.success ? "" : `   [${status}]`;
    const at = new Date().toTimeString().slice(0, 8);
    const lines = [`${escapeControl(title)}   ${at}${mark}`, "", ...text.split("\n")];
    const drawn = lines.slice(0, rows).map((line) => `${withoutMovement(line)}\x1b[m\x1b[K`);
    await stdout.write(`\x1b[H${drawn.join("\r\n")}\x1b[J`);
  };
  return {
    redraw: draw,
    async show(shown) {
      last = shown;
      await draw();
    },
    async resize(newRows) {
      rows = newRows;
      await draw();
    },
  };
}

/** Colours stay; what would move the cursor or change the terminal goes. */
function withoutMovement(line: string): string {
  const tokens = line.split(COLOR);
  return tokens
    .map((token, index) => (index % 2 === 1 ? token : token.replaceAll(/[^\P{Cc}\t]/gu, "")))
    .join("");
}

async function followSize(screen: Screen, stdout: OutputStream, signal: AbortSignal) {
  for await (const { rows } of stdout.sizes(signal)) {
    if (signal.aborted) return;
    await screen.resize(rows || DEFAULT_ROWS);
  }
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
}

async function pause(intervalMs: number, signal: AbortSignal): Promise<void> {
  // Its rejection is the end of the loop.
  await sleep(intervalMs, { signal }).catch(() => {});
}
