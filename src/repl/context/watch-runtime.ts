import type { Session } from "../../cli/context.ts";
import { openContext } from "../../cli/create-context.ts";
import { describe } from "../../errors/describe.ts";
import { EXIT } from "../../errors/exit-code.ts";
import { hasCode } from "../../errors/status-error.ts";
import { escapeControl } from "../../output/escape-control.ts";
import { freshLine } from "../../output/fresh-line.ts";
import type { Shell } from "../shell.ts";
import { dropGone } from "./follow-context.ts";
import { greetBackend, type RuntimeFacts } from "./greet-backend.ts";

/** Keeps the shell's knowledge of its runtime true between lines. Nothing here rejects. */
export interface RuntimeWatch {
  readonly isLost: boolean;
  /** Who answers, in a line for the start of a session. */
  greet(): Promise<void>;
  /**
   * A command did not reach the runtime. Where it is gone that is said, the first time with what it
   * means and then in short, instead of the command's own error; false where it answers.
   */
  tellLoss(): Promise<boolean>;
  /** Says once that the runtime went away, that it is back, or that the object in use is gone. */
  checkAfterLine(line: { readonly wasInterrupted: boolean }): Promise<void>;
}

/** A runtime that answers needs a few milliseconds; nobody waits for one that does not. */
const PATIENCE_MS = 300;

export function watchRuntime(shell: Shell): RuntimeWatch {
  let isLost = false;
  let known: RuntimeFacts | undefined;
  let isTold = false;
  // Behind the `^C` of the terminal.
  let isInLine = false;
  const say = async (line: string) => {
    const { stderr } = shell.session;
    const columns = stderr.canRedraw ? stderr.columns() : undefined;
    // A command may leave its line without an end, and Ctrl-C may come at any time.
    const begin = isInLine || columns === undefined ? "" : freshLine(columns);
    await stderr.write(`${isInLine ? "\n" : begin}${line}\n`);
    isInLine = false;
  };
  const ask = async (): Promise<unknown> => {
    try {
      shell.runtime = await greetBackend(await openContext(shell.session), PATIENCE_MS);
      return undefined;
    } catch (error) {
      return error;
    }
  };
  const sayLost = async ({ name }: RuntimeFacts, error: unknown) => {
    isLost = true;
    const how = hasCode(error, "DeadlineExceeded") ? "does not answer" : "went away";
    await say(`${name} ${how}: the shell stays, and each command tries again`);
  };
  const check = async () => {
    const before = known;
    const error = await ask();
    if (error === undefined) {
      if (before === undefined) await say(shell.runtime?.line ?? "");
      else if (isLost) await say(`${before.name} is back`);
      isLost = false;
    } else if (!isLost && before !== undefined) {
      await sayLost(before, error);
    }
  };
  const introduce = async (more: string) => {
    try {
      shell.runtime = await greetBackend(await openContext(shell.session));
      await say(`${shell.runtime.line}${more}`);
    } catch (error) {
      const { message, hint } = describe(error);
      await say(escapeControl(`crish: ${message}`));
      if (hint !== undefined) await say(escapeControl(`hint: ${hint}`));
    }
    known = shell.runtime;
  };
  return {
    get isLost() {
      return isLost;
    },
    greet: () => introduce("\nhelp lists the commands, Tab completes, Ctrl-D leaves"),
    async tellLoss() {
      // A command's own line ended with Enter, whatever the one before did.
      isInLine = false;
      // `connect` earlier in the line has asked already.
      if (shell.runtime !== known) isLost = false;
      known = shell.runtime;
      const before = known;
      if (before === undefined) return false;
      const error = await ask();
      known = shell.runtime;
      if (error === undefined) return false;
      if (!isLost) await sayLost(before, error);
      else await say(`crish: ${before.name} does not answer yet`);
      isTold = true;
      return true;
    },
    async checkAfterLine({ wasInterrupted }) {
      if (shell.session.signal.aborted) return;
      isInLine = wasInterrupted;
      // What the line did behind such a failure may have reached the runtime again.
      const wasTold = isTold && shell.status === EXIT.noAnswer;
      isTold = false;
      // `connect` has asked already, and `context use` has left the one that was known.
      if (shell.runtime !== known) {
        isLost = false;
        if (shell.runtime === undefined) await introduce("");
      } else if (!wasTold && (isLost || shell.status !== 0 || known === undefined)) {
        await check();
      }
      known = shell.runtime;
      const mayBeGone = shell.hasDestroyed || shell.status !== 0;
      shell.hasDestroyed = false;
      if (shell.context === undefined || isLost || !mayBeGone) return;
      try {
        const gone = await dropGone(shell, await openContext(brief(shell.session)));
        if (gone !== undefined) await say(`${gone.message}; ${gone.hint}`);
      } catch {
        // It could not be asked now; whatever uses the context asks again.
      }
    },
  };
}

function brief(session: Session): Session {
  return {
    ...session,
    signal: AbortSignal.any([session.signal, AbortSignal.timeout(PATIENCE_MS)]),
  };
}
