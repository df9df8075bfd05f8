import { setTimeout as sleep } from "node:timers/promises";
import { StatusError } from "../../errors/status-error.ts";
import type { SourceLog } from "./print-logs.ts";
import { type LoggedContainer, mayWrite } from "./select-logs.ts";

const CHECK_MS = 1000;
/** How many times in a row nothing runs before all has ended: one container may follow another. */
const LAST_CHECKS = 2;

export interface LiveLogsOptions {
  /** Those that belong now. */
  find(): Promise<readonly LoggedContainer[]>;
  toSource(logged: LoggedContainer, mayGrow: () => Promise<boolean>): SourceLog;
  /** Whether there is an end of it when all have ended. */
  readonly hasEnd: boolean;
  readonly signal: AbortSignal;
}

/** The logs of containers that come and go. */
export class LiveLogs {
  private readonly options: LiveLogsOptions;
  private readonly running = new Map<string, boolean>();
  private idleChecks = 0;

  constructor(options: LiveLogsOptions) {
    this.options = options;
  }

  /** The logs of those that were not known, which are from now on. */
  take(found: readonly LoggedContainer[]): readonly SourceLog[] {
    const known = new Set(this.running.keys());
    this.running.clear();
    for (const { container } of found) this.running.set(container.id, mayWrite(container.state));
    return found
      .filter(({ container }) => !known.has(container.id))
      .map((logged) =>
        this.options.toSource(logged, async () => this.running.get(logged.container.id) ?? false),
      );
  }

  /** Waits, and takes those that have joined; undefined where none will any more. */
  async joining(followed: number): Promise<readonly SourceLog[] | undefined> {
    const { signal, hasEnd, find } = this.options;
    await sleep(CHECK_MS, undefined, { signal }).catch(() => {});
    if (signal.aborted) return undefined;
    const joined = await this.joined(find);
    this.idleChecks = followed === 0 && joined.length === 0 ? this.idleChecks + 1 : 0;
    return hasEnd && this.idleChecks >= LAST_CHECKS ? undefined : joined;
  }

  /** A runtime that does not answer for a moment ends nothing. */
  private async joined(find: LiveLogsOptions["find"]): Promise<readonly SourceLog[]> {
    try {
      return this.take(await find());
    } catch (error) {
      if (error instanceof StatusError) return [];
      throw error;
    }
  }
}
