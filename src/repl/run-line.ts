import type { Session } from "../cli/context.ts";
import { reportFailure, runCommand } from "../cli/run-command.ts";
import { EXIT } from "../errors/exit-code.ts";
import { StatusError } from "../errors/status-error.ts";
import { splitWords } from "./split-words.ts";

/** How one line ended. */
export interface LineOutcome {
  readonly status: number;
  /** The line was `exit` or `quit`: the shell ends with this line's status. */
  readonly leave: boolean;
}

/** Words that the shell itself knows; everything else is a command. */
export const BUILTINS = ["help", "exit", "quit", "clear"] as const;

/**
 * Runs one line in the given session. `lastStatus` is what a bare `exit` leaves with. Never
 * rejects: failures are printed as those of a command are.
 */
export async function runLine(
  line: string,
  session: Session,
  lastStatus: number,
): Promise<LineOutcome> {
  try {
    const words = splitWords(line);
    // People paste whole command lines.
    if (words[0] === "crish") words.shift();
    const [verb, ...rest] = words;
    switch (verb) {
      case undefined:
        return { status: lastStatus, leave: false };
      case "exit":
      case "quit":
        return { status: exitStatus(rest, lastStatus), leave: true };
      case "clear":
        if (session.stdout.canRedraw) await session.stdout.write("\x1b[H\x1b[2J\x1b[3J");
        return { status: EXIT.success, leave: false };
      case "help":
        if (rest[0] !== undefined && BUILTINS.some((name) => name === rest[0])) {
          await session.stdout.write(BUILTIN_HELP);
          return { status: EXIT.success, leave: false };
        }
        return await runHelp(words, session);
      case "repl":
        throw new StatusError("FailedPrecondition", "this is the shell already");
      default:
        return { status: await runCommand(words, session), leave: false };
    }
  } catch (error) {
    return { status: await reportFailure(error, session), leave: false };
  }
}

const BUILTIN_HELP = `
In the shell:
  help [COMMAND]   what there is, or one command in full
  clear            clear the screen
  exit [STATUS]    leave (also quit, Ctrl-D)
  Tab completes commands, flags, names and IDs; Ctrl-C ends the running command;
  words are quoted as in sh, and # begins a comment.
`;

async function runHelp(words: readonly string[], session: Session): Promise<LineOutcome> {
  const status = await runCommand(words, session);
  if (status === EXIT.success && words.length === 1) await session.stdout.write(BUILTIN_HELP);
  return { status, leave: false };
}

function exitStatus(words: readonly string[], lastStatus: number): number {
  const [text, extra] = words;
  if (text === undefined) return lastStatus;
  const status = /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN;
  if (extra !== undefined || !(status <= 255)) {
    throw new StatusError("InvalidArgument", "exit takes one status from 0 to 255");
  }
  return status;
}
