import { setImmediate } from "node:timers/promises";
import type { Session } from "../../cli/context.ts";
import { type JobControl, processJob } from "../../host/job-control.ts";
import { freshLine } from "../../output/fresh-line.ts";
import type { Completions } from "./completions.ts";
import type { Frame, ScreenSize } from "./frame.ts";
import { giveBack } from "./give-back.ts";
import { KeyDecoder } from "./key-decoder.ts";
import { layout } from "./layout.ts";
import type { Effect, LineEditing } from "./line-editing.ts";
import { Painter } from "./painter.ts";
import { rewrapsLines } from "./rewraps-lines.ts";

/** How editing ended. */
export type EditingEnd = "submit" | "interrupt" | "end";

export interface TerminalEditingOptions {
  readonly session: Session;
  readonly editing: LineEditing;
  readonly size: ScreenSize;
  readonly signal: AbortSignal;
  /** An unfinished line above is ended without a mark. */
  readonly isAfterInterrupt?: boolean | undefined;
  complete?(text: string, cursor: number): Promise<Completions>;
  onTaken?: (() => void) | undefined;
  readonly job?: JobControl;
}

/** After a lone Esc nothing else of a sequence comes this late. */
const ESCAPE_MS = 100;
/** Of a sequence or a character that has begun, the rest may be on a slow line. */
const REST_MS = 1000;
/** What keys wait for a completion at most. */
const PATIENCE_MS = 95;
const BRACKETED_PASTE_ON = "\x1b[?2004h";
const BRACKETED_PASTE_OFF = "\x1b[?2004l";
/** Ends a line that was left without its end. */
const UNFINISHED = "\x1b[7m%\x1b[27m";
const CLEAR_SCREEN = "\x1b[H\x1b[2J";

/**
 * An input on a terminal in raw mode: keys from stdin to the editing, and what they change to the
 * screen, with one write for all keys that came at once.
 */
export class TerminalEditing {
  readonly #options: TerminalEditingOptions;
  readonly #decoder = new KeyDecoder();
  readonly #painter: Painter;
  readonly #done = Promise.withResolvers<EditingEnd>();
  #size: ScreenSize;
  #end: EditingEnd | undefined;
  /** Keys have come that are taken in the next turn. */
  #isReading = false;
  /** Keys wait for a completion. */
  #isHeld = false;
  /** The process is stopped, or the terminal not taken back yet: nothing is read nor shown. */
  #isStopped = false;
  /** What goes before the next frame, and the write that is under way. */
  #before = "";
  #writing: Promise<void> | undefined;
  #isStale = false;
  #escapeTimer: NodeJS.Timeout | undefined;
  #restoreMode: () => void = () => {};

  constructor(options: TerminalEditingOptions) {
    this.#options = options;
    this.#size = options.size;
    this.#painter = new Painter(options.size.columns);
  }

  /** Edits until the input is submitted or left. The terminal is restored whatever happens. */
  async run(): Promise<EditingEnd> {
    const { session, signal, isAfterInterrupt, job = processJob } = this.#options;
    const stdin = session.stdin.stream();
    const resized = new AbortController();
    const onData = (chunk: Buffer | string) => this.#read(Buffer.from(chunk as Buffer));
    const onEnd = () => this.#finish("end");
    const offContinue = job.onContinue(() => void this.#goOn());
    try {
      this.#restoreMode = session.stdin.enterRawMode();
      this.#before =
        BRACKETED_PASTE_ON + freshLine(this.#size.columns, isAfterInterrupt ? " " : UNFINISHED);
      this.#show();
      signal.addEventListener("abort", onEnd);
      stdin.on("end", onEnd);
      stdin.on("error", onEnd);
      stdin.on("data", onData);
      stdin.resume();
      void this.#followSize(resized.signal);
      return await this.#done.promise;
    } catch {
      // A terminal that is gone takes no mode.
      return "end";
    } finally {
      clearTimeout(this.#escapeTimer);
      resized.abort();
      offContinue();
      signal.removeEventListener("abort", onEnd);
      stdin.off("data", onData);
      stdin.off("end", onEnd);
      stdin.off("error", onEnd);
      stdin.pause();
      giveBack(stdin, this.#decoder.takeRest());
      await this.#leave();
    }
  }

  /** Prints lines above the prompt. */
  async printAbove(text: string): Promise<void> {
    this.#before += `${this.#painter.erase()}${text.replace(/\n?$/, "\n").replace(/\r?\n/g, "\r\n")}`;
    this.#show();
    await this.#writing;
  }

  #read(chunk: Buffer): void {
    clearTimeout(this.#escapeTimer);
    this.#decoder.push(chunk);
    if (this.#isReading) return;
    this.#isReading = true;
    // A change of the terminal's size that came before the keys is dealt with before them.
    void setImmediate().then(() => {
      this.#isReading = false;
      this.#takeKeys();
    });
  }

  #takeKeys(): void {
    const { editing } = this.#options;
    while (!this.#isHeld && !this.#isStopped && this.#end === undefined) {
      const key = this.#decoder.next();
      if (key === undefined) break;
      const effect = editing.press(key);
      if (effect !== undefined) this.#perform(effect);
    }
    if (this.#end !== undefined) return;
    if (!this.#isHeld && this.#decoder.isWaiting) {
      const waitMs = this.#decoder.isWaitingAtEsc ? ESCAPE_MS : REST_MS;
      this.#escapeTimer = setTimeout(() => {
        this.#decoder.settle();
        this.#takeKeys();
      }, waitMs);
    }
    this.#show();
  }

  #perform(effect: Effect): void {
    if (effect === "complete") this.#complete();
    else if (effect === "clear-screen") this.#clearScreen();
    else if (effect === "suspend") void this.#suspend();
    else this.#finish(effect);
  }

  #finish(end: EditingEnd): void {
    this.#end ??= end;
    this.#done.resolve(this.#end);
  }

  #clearScreen(): void {
    this.#painter.forget();
    this.#before = CLEAR_SCREEN;
  }

  /** Asks for candidates. Keys wait for them a moment; what comes too late for its text is dropped. */
  #complete(): void {
    const { complete, editing } = this.#options;
    if (complete === undefined) return;
    const { text, cursor } = editing.buffer;
    let isWaiting = true;
    this.#isHeld = true;
    const goOn = () => {
      clearTimeout(timer);
      if (!isWaiting) return;
      isWaiting = false;
      this.#isHeld = false;
      this.#takeKeys();
    };
    const timer = setTimeout(goOn, PATIENCE_MS);
    complete(text, cursor)
      .then((found) => {
        const { buffer } = editing;
        if (this.#end !== undefined || buffer.text !== text || buffer.cursor !== cursor) return;
        editing.offer(found);
        if (!isWaiting) this.#show();
      })
      // Without candidates the line is as good as before.
      .catch(() => {})
      .finally(goOn);
  }

  /** Stops the process, with the terminal as it was found; it goes on in `#goOn`. */
  async #suspend(): Promise<void> {
    const { session, job = processJob } = this.#options;
    if (!job.canStop()) return;
    this.#isStopped = true;
    while (this.#writing !== undefined) await this.#writing;
    await session.stdout.write(this.#painter.erase() + BRACKETED_PASTE_OFF);
    this.#restoreMode();
    job.stop();
  }

  /** After a stop the terminal may be in any mode, have any size, and show anything. */
  async #goOn(): Promise<void> {
    const { session, job = processJob } = this.#options;
    this.#isStopped = true;
    await job.refreshSize();
    if (this.#end !== undefined) return;
    try {
      this.#restoreMode();
      this.#restoreMode = session.stdin.enterRawMode();
    } catch {
      this.#finish("end");
      return;
    }
    this.#painter.forget();
    this.#before = `${BRACKETED_PASTE_ON}\r`;
    this.#isStopped = false;
    this.#takeKeys();
  }

  async #followSize(signal: AbortSignal): Promise<void> {
    const { session } = this.#options;
    for await (const { columns, rows } of session.stdout.sizes(signal)) {
      if (columns <= 0 || rows <= 0) continue;
      if (columns === this.#size.columns && rows === this.#size.rows) continue;
      if (columns !== this.#size.columns) {
        const erased = this.#painter.resize(columns, { rewraps: rewrapsLines(session.env) });
        if (!this.#isStopped) this.#before += erased;
      }
      this.#size = { columns, rows };
      this.#show();
    }
  }

  /** Shows what is to be seen now, or after the write that is under way. */
  #show(): void {
    this.#isStale = true;
    if (this.#writing !== undefined || this.#isStopped || this.#end !== undefined) return;
    this.#writing = this.#writeStale()
      .catch(() => this.#finish("end"))
      .finally(() => {
        this.#writing = undefined;
      });
  }

  async #writeStale(): Promise<void> {
    while (this.#isStale && !this.#isStopped && this.#end === undefined) {
      this.#isStale = false;
      await this.#options.session.stdout.write(this.#paint().out);
    }
  }

  #paint(): { out: string; frame: Frame } {
    const { editing } = this.#options;
    editing.screen = this.#size;
    const frame = layout(editing.view(), this.#size);
    const out = this.#before + this.#painter.paint(frame);
    this.#before = "";
    return { out, frame };
  }

  /** Leaves the input on the screen as it was typed, and the terminal as it was. */
  async #leave(): Promise<void> {
    const { editing, session } = this.#options;
    try {
      await this.#writing;
      editing.close();
      const { out, frame } = this.#paint();
      const isInEmptyRow = frame.cursorRow > 0 && frame.rows[frame.cursorRow]?.cells.length === 0;
      const mark = this.#end === "interrupt" ? "^C" : "";
      const newline = isInEmptyRow && mark === "" ? "" : "\r\n";
      await session.stdout.write(`${out}${mark}${newline}${BRACKETED_PASTE_OFF}`);
    } catch {
      // A terminal that is gone shows nothing.
    } finally {
      this.#options.onTaken?.();
      this.#restoreMode();
    }
    // On Bun, what is written in the same turn as the key that ended the line may be lost.
    await setImmediate();
  }
}
