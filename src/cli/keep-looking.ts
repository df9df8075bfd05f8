import { isConnectError } from "../cri/wire-error.ts";
import { hasCode } from "../errors/status-error.ts";
import { escapeControl } from "../output/escape-control.ts";
import type { Context } from "./context.ts";
import { backText, lostText } from "./loss-text.ts";
import { createRetryPace } from "./retry-pace.ts";

/** What a runtime shows at one look after the other, also beyond its restarts. */
export interface Looks<Seen> {
  /** What was seen last. */
  readonly seen: Seen;
  /**
   * Whether there is an answer, which is what is seen now. Rejects where the runtime refuses, and
   * where the look does because of the signal.
   */
  again(): Promise<boolean>;
  /** What a screen says of a runtime that does not answer, and since when; empty where it does. */
  note(): Promise<string>;
  /** The time until the next look: the interval, or what a lost runtime is given. */
  waitMs(intervalMs: number): number;
}

export interface LookOptions {
  /** A line on stderr when the runtime is lost, and one when it is back. */
  readonly isTold: boolean;
}

/** Looks for the first time; rejects where that fails. */
export async function keepLooking<Seen>(
  context: Context,
  look: () => Promise<Seen>,
  { isTold }: LookOptions,
): Promise<Looks<Seen>> {
  const pace = createRetryPace();
  let seen = await look();
  let lost: { readonly at: Date; readonly atMs: number } | undefined;
  const tell = async (textOf: (endpoint: string) => string) => {
    if (!isTold) return;
    const { endpoint } = await context.backend();
    await context.stderr.write(`${escapeControl(textOf(endpoint))}\n`);
  };
  return {
    get seen() {
      return seen;
    },
    async again() {
      const began = { at: new Date(), atMs: performance.now() };
      try {
        seen = await look();
      } catch (error) {
        const isLost = isLoss(context, error) || (lost !== undefined && isConnectError(error));
        if (context.signal.aborted || !isLost) throw error;
        if (lost === undefined) await tell((endpoint) => lostText(endpoint, "this goes on"));
        lost ??= began;
        return false;
      }
      if (lost !== undefined) {
        const lostForMs = performance.now() - lost.atMs;
        lost = undefined;
        pace.reset();
        await tell((endpoint) => backText(endpoint, lostForMs));
      }
      return true;
    },
    async note() {
      if (lost === undefined) return "";
      return lostText((await context.backend()).endpoint, "this goes on", lost.at);
    },
    waitMs: (intervalMs) => (lost === undefined ? intervalMs : pace.next()),
  };
}

/** A time limit that was asked for with the command is one for it. */
function isLoss({ session }: Context, error: unknown): boolean {
  if (hasCode(error, "Unavailable")) return true;
  return hasCode(error, "DeadlineExceeded") && session.globalFlags.timeout === undefined;
}
