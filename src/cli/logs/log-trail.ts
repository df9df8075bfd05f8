import { statSync } from "node:fs";
import { StatusError } from "../../errors/status-error.ts";
import { listRotatedLogs } from "./log-files.ts";
import { FileSection, type LogSection } from "./log-section.ts";
import { openLogFile } from "./open-log-file.ts";
import { type LaterSection, laterSection, type PlanOptions, planReading } from "./plan-reading.ts";
import { type DirectoryWatcher, watchDirectory } from "./watch-directory.ts";

export interface TrailOptions extends PlanOptions {
  /** How often it is asked; once a second where absent. */
  readonly followCheckMs?: number | undefined;
  /** Ends it without an error. */
  readonly signal: AbortSignal;
}

const POLL_MS = 200;
const ALIVE_CHECK_MS = 1000;
/** Time for the last lines of a container that has just ended, and of a file just replaced. */
const SETTLE_MS = 100;
/** How long reading may keep timers and signals waiting. */
const TURN_MS = 20;
const NEWLINE = 10;

/**
 * The bytes of a log through all the files that make it: rotated ones first, then the current one.
 * Followed, it goes on through rotation (renamed and made anew, or truncated) until the container
 * has ended and all is read. Between two files, and at the end, a line that was cut off gets its
 * newline.
 *
 * Read until `read` gives 0, then wait for more, until that says that there will be none. Close it.
 */
export class LogTrail {
  private readonly path: string;
  private readonly options: TrailOptions;
  private section: LogSection;
  private readonly later: LaterSection[];
  /** The file that bears the log's name, or bore it when it was opened. */
  private current: FileSection;
  private watcher: DirectoryWatcher | undefined;
  private isCutOff = false;
  private isLeaving = false;
  private state: "open" | "draining" | "ending" | "ended";
  private checkedAtMs = Number.NEGATIVE_INFINITY;
  private turnedAtMs = performance.now();
  private hasReadSinceWait = false;

  /**
   * Throws NotFound where there is no such file and nothing to wait for; undefined where it was
   * waited for until the signal.
   */
  static async open(path: string, options: TrailOptions): Promise<LogTrail | undefined> {
    for (;;) {
      const mayCome = options.follow === undefined ? false : await options.follow();
      const file = openLogFile(path);
      if (file !== undefined) {
        const { before, ranges } = await planReading(file, options);
        return new LogTrail(path, options, new FileSection(file, ranges), before);
      }
      if (options.signal.aborted) return undefined;
      if (!mayCome) throw new StatusError("NotFound", `no log file "${path}"`);
      await pause(POLL_MS, options.signal);
    }
  }

  private constructor(
    path: string,
    options: TrailOptions,
    current: FileSection,
    before: readonly LaterSection[],
  ) {
    this.path = path;
    this.options = options;
    this.current = current;
    this.section = emptySection;
    this.later = [...before, async () => this.current];
    this.state = options.follow === undefined ? "ending" : "open";
  }

  /** Reads to the front of `target`; 0 where there is nothing more at present. */
  async read(target: Uint8Array): Promise<number> {
    await this.giveTurn();
    while (!this.options.signal.aborted) {
      const count = await this.section.read(target);
      if (count > 0) {
        this.isCutOff = target[count - 1] !== NEWLINE;
        this.hasReadSinceWait = true;
        return count;
      }
      if (!(await this.goOn())) return this.state === "ending" ? this.endLine(target) : 0;
      if (this.endLine(target) > 0) return 1;
    }
    return 0;
  }

  /** Waits for a change. False where nothing more will come. */
  async waitForMore(): Promise<boolean> {
    const { follow, signal, followCheckMs: checkMs = ALIVE_CHECK_MS } = this.options;
    if (this.state === "ending" || signal.aborted) this.state = "ended";
    if (this.state === "ended" || follow === undefined) return false;
    if (this.state === "draining") {
      if (!this.hasReadSinceWait) this.state = "ending";
      else await pause(SETTLE_MS, signal);
      this.hasReadSinceWait = false;
      return true;
    }
    const now = performance.now();
    // What a container wrote before it ended is there to be read once it is known to have ended.
    if (now - this.checkedAtMs >= checkMs) {
      this.checkedAtMs = now;
      if (!(await follow())) {
        this.state = "draining";
        this.hasReadSinceWait = true;
        return true;
      }
    }
    this.watcher ??= watchDirectory(this.path);
    await this.watcher.change(Math.min(POLL_MS, checkMs), signal);
    return true;
  }

  close(): void {
    this.watcher?.[Symbol.dispose]();
    this.section.close();
    if (this.section !== this.current) this.current.close();
  }

  /** Goes over to the next file, after the rest of this one. False where there is none. */
  private async goOn(): Promise<boolean> {
    if (this.later.length === 0 && this.state !== "ending") {
      if (this.current.restartIfTruncated()) return true;
      if (!this.isReplaced()) return false;
      if (!this.isLeaving) {
        // The writer may not have gone over yet.
        this.isLeaving = true;
        await pause(SETTLE_MS, this.options.signal);
        return true;
      }
      await this.findSuccessors();
    }
    const open = this.later.shift();
    if (open === undefined) return false;
    const next = await open();
    if (next === undefined) return true;
    this.isLeaving = false;
    this.section.close();
    this.section = next;
    return true;
  }

  private isReplaced(): boolean {
    const named = statSync(this.path, { throwIfNoEntry: false });
    if (named === undefined) return false;
    const mine = this.current.file.stat();
    return named.ino !== mine.ino || named.dev !== mine.dev;
  }

  /** The file that bears the name now, behind those that have borne it since ours did. */
  private async findSuccessors(): Promise<void> {
    const { ino, dev } = this.current.file.stat();
    const rotated = await listRotatedLogs(this.path);
    const own = rotated.findIndex(({ path }) => {
      const facts = statSync(path, { throwIfNoEntry: false });
      return facts?.ino === ino && facts.dev === dev;
    });
    const missed = own < 0 ? [] : rotated.slice(own + 1);
    this.later.push(...missed.map((file) => laterSection(file, this.options)));
    this.later.push(async () => {
      const file = openLogFile(this.path);
      if (file === undefined) return undefined;
      this.current = new FileSection(file, [{ start: 0, end: Number.POSITIVE_INFINITY }]);
      return this.current;
    });
  }

  private endLine(target: Uint8Array): number {
    if (!this.isCutOff || this.isLeaving) return 0;
    this.isCutOff = false;
    target[0] = NEWLINE;
    return 1;
  }

  private async giveTurn(): Promise<void> {
    if (performance.now() - this.turnedAtMs < TURN_MS) return;
    await new Promise((resolve) => setImmediate(resolve));
    this.turnedAtMs = performance.now();
  }
}

const emptySection: LogSection = { read: () => 0, close: () => {} };

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const finish = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    signal.addEventListener("abort", finish);
  });
}
