import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Cleanup } from "./cleanup.ts";
import { crishCommand, crishEnvironment } from "./crish.ts";
import { run, runOk } from "./run.ts";
import { temporaryDirectory } from "./temporary-directory.ts";
import { waitUntil } from "./wait-until.ts";

/** A program on a real terminal: a tmux server of its own with one window of 100 by 30. */
export interface Terminal {
  /** Types text as it is, without a key that ends the line. */
  type(text: string): Promise<void>;
  /** Pastes text as it is: between the marks of a bracketed paste where the program asked for them. */
  paste(text: string): Promise<void>;
  /** Presses keys by tmux's names: `Enter`, `Tab`, `C-c`, `C-d`, `Up`. */
  press(...keys: string[]): Promise<void>;
  /** Types a line and presses Enter. */
  enter(line: string): Promise<void>;
  /** Waits until what is on the screen matches; rejects with the whole transcript. */
  waitFor(pattern: RegExp, timeoutMs?: number): Promise<void>;
  /**
   * All that was written so far, scrolled lines too, joined where the terminal wrapped them,
   * without blanks at their ends.
   */
  transcript(): Promise<string>;
  /** The lines that are visible now, as they stand on the screen; with SGR codes where asked for. */
  screen(options?: { colors?: boolean }): Promise<string>;
  /** Waits until the visible lines match. */
  waitForScreen(pattern: RegExp, options?: { colors?: boolean }): Promise<void>;
  /** Scrolled lines are forgotten: what was written before matches no more. */
  clear(): Promise<void>;
  resize(columns: number, rows: number): Promise<void>;
  /** Waits until nobody reads keys one by one: Ctrl-C is a signal then. */
  waitForCookedMode(): Promise<void>;
  /** Takes the terminal away from under its programs. Nothing works on it any more. */
  hangUp(): Promise<void>;
}

/**
 * Starts a plain shell on a terminal; `crish` in it is the command line under test. The prompt is
 * `$ `, so that a test sees when a program has ended and what it left of the terminal.
 */
export async function openTerminal(
  cleanup: Cleanup,
  env: Readonly<Record<string, string>> = {},
): Promise<Terminal> {
  const directory = await temporaryDirectory(cleanup, "terminal");
  const socket = join(directory, "tmux");
  const tmux = (...args: string[]) => runOk("tmux", ["-S", socket, "-f", "/dev/null", ...args]);
  cleanup.add("end tmux", async () => {
    await run("tmux", ["-S", socket, "kill-server"]);
  });
  const variables = Object.entries({
    ...crishEnvironment({ XDG_STATE_HOME: directory, TERM: "screen", ...env, PS1: "begin " }),
  }).map(([key, value]) => `${key}=${value}`);
  await tmux(
    ...["new-session", "-d", "-x", "100", "-y", "30"],
    ...["env", "-i", ...variables, "bash", "--norc", "--noprofile", "-o", "ignoreeof"],
  );
  const { command, args } = crishCommand();
  const transcript = async () =>
    (await tmux("capture-pane", "-p", "-J", "-S", "-")).stdout.replaceAll(/ +$/gm, "").trimEnd();
  const terminal: Terminal = {
    type: async (text) => void (await tmux("send-keys", "-l", text)),
    press: async (...keys) => void (await tmux("send-keys", ...keys)),
    async enter(line) {
      await terminal.type(line);
      await terminal.press("Enter");
    },
    async waitFor(pattern, timeoutMs = 15_000) {
      try {
        await waitUntil(String(pattern), async () => pattern.test(await transcript()), {
          timeoutMs,
          intervalMs: 50,
        });
      } catch (cause) {
        const shown = await transcript();
        throw new Error(`${pattern} is not on the terminal:\n${shown}\n--- end ---`, { cause });
      }
    },
    transcript,
    async paste(text) {
      const file = join(directory, "paste");
      await writeFile(file, text);
      await tmux("load-buffer", file);
      await tmux("paste-buffer", "-p", "-r");
    },
    async screen({ colors = false } = {}) {
      const { stdout } = await tmux("capture-pane", "-p", ...(colors ? ["-e"] : []));
      return stdout.replaceAll(/ +$/gm, "").trimEnd();
    },
    async waitForScreen(pattern, options = {}) {
      try {
        await waitUntil(String(pattern), async () => pattern.test(await terminal.screen(options)));
      } catch (cause) {
        const shown = JSON.stringify(await terminal.screen(options), undefined, 1);
        throw new Error(`${pattern} is not on the screen:\n${shown}`, { cause });
      }
    },
    async clear() {
      await tmux("send-keys", "-R", "");
      await tmux("clear-history");
    },
    async waitForCookedMode() {
      const tty = (await tmux("display-message", "-p", "#{pane_tty}")).stdout.trim();
      await waitUntil("the cooked mode", async () =>
        /(?<!-)\bisig\b/.test((await runOk("stty", ["-F", tty, "-a"])).stdout),
      );
    },
    hangUp: async () => void (await tmux("kill-pane")),
    async resize(columns, rows) {
      await tmux("resize-window", "-x", String(columns), "-y", String(rows));
      const tty = (await tmux("display-message", "-p", "#{pane_tty}")).stdout.trim();
      // tmux shows the new size at once, and tells its programs up to a quarter of a second later.
      await waitUntil("the new size", async () => {
        const { stdout } = await runOk("stty", ["-F", tty, "size"]);
        return stdout.trim() === `${rows} ${columns}`;
      });
    },
  };
  await terminal.waitFor(/^begin$/);
  await terminal.enter(`crish() { ${[command, ...args].join(" ")} "$@"; }; PS1='$ '; clear`);
  // Keys that come before the prompt would be shown twice.
  await terminal.waitForScreen(/^\$$(?![\s\S])/m);
  return terminal;
}
