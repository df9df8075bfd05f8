import type { CommandSpec } from "./command.ts";
import type { Session } from "./context.ts";
import { isInterrupted } from "./interrupted.ts";
import { isOutputClosed } from "./output-closed.ts";

/** Whether a verb does all that it was given, though nobody reads what it tells. */
export function finishesUnread({ destroys, changes }: CommandSpec): boolean {
  return destroys !== undefined || changes === true;
}

export interface FinishingSession {
  readonly session: Session;
  /** Lets go of the session's signal. */
  release(): void;
}

/** The session of a command that Ctrl-C ends, but no output that is closed or takes no more. */
export function finishingSession(session: Session): FinishingSession {
  const { signal } = session;
  const controller = new AbortController();
  const onAbort = () => {
    if (isInterrupted(signal) && !isOutputClosed(signal)) controller.abort(signal.reason);
  };
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort);
  return {
    session: { ...session, signal: controller.signal },
    release: () => signal.removeEventListener("abort", onAbort),
  };
}
