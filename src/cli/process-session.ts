/** The session of this very process: its descriptors, its environment, its signals. */
import { StatusError } from "../errors/status-error.ts";
import { createBackendPool } from "./backend-pool.ts";
import type { Session } from "./context.ts";
import { HUNG_UP } from "./hung-up.ts";
import { openBackend } from "./open-backend.ts";
import { isOutputClosed } from "./output-closed.ts";
import { processInput } from "./process-input.ts";
import { processOutput } from "./process-output.ts";
import type { PromptPlace } from "./prompts.ts";

export interface ProcessSession {
  readonly session: Session;
  /** The process's status for a command's: a reader that went away makes no failure. */
  finalStatus(status: number): number;
  /**
   * Whether the process is to be ended instead of ending by itself. It may be where no stream holds
   * anything back, which is quicker; and it must be where the terminal was reopened: on Bun a read of
   * it that is under way keeps the process alive until the next key.
   */
  endsAtOnce(): boolean;
  /** Closes backends, so that the process can end by itself; a signal ends it at once from then on. */
  close(): Promise<void>;
}

/** Who is signalled both by itself and with its group gets each signal twice: that asks for it once. */
const ECHO_MS = 100;

/** `exitNow` ends the process at once: the answer to a second Ctrl-C. */
export function createProcessSession(exitNow: (status: number) => void): ProcessSession {
  const controller = new AbortController();
  const stdin = processInput();
  const stdout = processOutput(1, (reason) => controller.abort(reason));
  const stderr = processOutput(2, () => {});
  const backends = createBackendPool(openBackend);
  const { signal } = controller;
  const placeFor = (own: AbortSignal = signal): PromptPlace => ({
    input: stdin.stream(),
    output: stderr.stream(),
    signal: own === signal ? signal : AbortSignal.any([signal, own]),
  });
  // Raw mode is the prompt's affair, and ours where the process is stopped or ended meanwhile.
  const inRawMode = async <T>(ask: () => Promise<T>): Promise<T> => {
    const restore = stdin.enterRawMode();
    try {
      return await ask();
    } finally {
      restore();
    }
  };
  let onInterrupt: (() => boolean) | undefined;
  let signalledAtMs: number | undefined;
  // A command that did not end at Ctrl-C was left to itself.
  let isAbandoned = false;
  let isOver = false;
  const onSignal = (name: NodeJS.Signals) => {
    if (name === "SIGINT" && !signal.aborted && onInterrupt !== undefined) {
      if (onInterrupt()) return;
      isAbandoned = true;
    }
    const isEcho = signalledAtMs !== undefined && performance.now() - signalledAtMs < ECHO_MS;
    if ((signal.aborted || isOver) && !isEcho) exitNow(130);
    signalledAtMs ??= performance.now();
    if (signal.aborted) return;
    controller.abort(name === "SIGHUP" ? HUNG_UP : new StatusError("Cancelled", "interrupted"));
  };
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, onSignal);
  const session: Session = {
    env: process.env,
    cwd: process.cwd(),
    signal,
    stdin,
    stdout,
    stderr,
    backends,
    globalFlags: {},
    // The shell on a terminal, else the script that stdin holds.
    defaultVerb: "repl",
    async confirm(question, own) {
      if (!stdin.isTty || !stderr.isTty) return false;
      const { askConfirmation, askPlainly } = await import("./prompts.ts");
      if (!stderr.canRedraw) return await askPlainly(question, placeFor(own));
      return await inRawMode(() => askConfirmation(question, placeFor(own)));
    },
    async askText(question, own) {
      if (!stdin.isTty || !stderr.isTty) {
        throw new StatusError("FailedPrecondition", "cannot ask without a terminal");
      }
      const { askLine } = await import("./prompts.ts");
      return await inRawMode(() => askLine(question, placeFor(own)));
    },
    async askSecret(question, own) {
      if (!stdin.isTty || !stderr.isTty) {
        throw new StatusError(
          "FailedPrecondition",
          "cannot ask for a password without a terminal",
          {
            hint: "pass --creds USER:PASSWORD, or set CRICTL_CREDS",
          },
        );
      }
      const { askPassword } = await import("./prompts.ts");
      return await inRawMode(() => askPassword(question, placeFor(own)));
    },
    async pick(request, own) {
      if (!stdin.isTty || !stderr.canRedraw) {
        throw new StatusError("FailedPrecondition", "cannot ask which without a terminal");
      }
      const { askChoice } = await import("./prompts.ts");
      const { columns } = stderr;
      return await inRawMode(() => askChoice(request, { ...placeFor(own), columns }));
    },
    takeInterrupts(handler) {
      const before = onInterrupt;
      onInterrupt = handler;
      return () => {
        if (onInterrupt === handler) onInterrupt = before;
      };
    },
  };
  return {
    session,
    finalStatus: (status) => (isOutputClosed(signal) && status === 130 ? 0 : status),
    endsAtOnce: () =>
      isAbandoned ||
      stdin.isReopened() ||
      !(stdin.isOpened() || stdout.isOpened() || stderr.isOpened()),
    async close() {
      // The listeners stay, which holds no process: an echo of the signal that ended the command would
      // kill the process otherwise, and its status with it.
      isOver = true;
      await backends.close();
      stdin.release();
    },
  };
}
