import type { Session } from "../cli/context.ts";
import { EXIT } from "../errors/exit-code.ts";
import { StatusError } from "../errors/status-error.ts";
import type { LineOutcome, Shell } from "./shell.ts";

export interface InterruptibleOutcome extends LineOutcome {
  /** Ctrl-C was pressed, whoever heeded it: `^C` stands on the terminal. */
  readonly wasInterrupted: boolean;
}

/**
 * Runs a line that Ctrl-C ends, and not the shell. A second one for a command that does not end
 * leaves the shell, without waiting for the command.
 */
export async function runInterruptibly(line: string, shell: Shell): Promise<InterruptibleOutcome> {
  const { session } = shell;
  const controller = new AbortController();
  const { promise: abandoned, resolve: abandon } = Promise.withResolvers<LineOutcome>();
  const onSessionEnd = () => {
    controller.abort(session.signal.reason);
    abandon({ status: EXIT.interrupted, leave: true });
  };
  session.signal.addEventListener("abort", onSessionEnd);
  let wasInterrupted = false;
  const takeInterrupts: Session["takeInterrupts"] = (onInterrupt) =>
    session.takeInterrupts(() => {
      wasInterrupted = true;
      return onInterrupt();
    });
  const release = takeInterrupts(() => {
    if (controller.signal.aborted) return false;
    controller.abort(new StatusError("Cancelled", "interrupted"));
    return true;
  });
  try {
    const own: Session = { ...session, takeInterrupts, signal: controller.signal };
    const outcome = await Promise.race([shell.runLine(line, own), abandoned]);
    return { ...outcome, wasInterrupted };
  } finally {
    release();
    session.signal.removeEventListener("abort", onSessionEnd);
  }
}
