import { Readable } from "node:stream";
import type { InputStream, Session } from "../cli/context.ts";
import { EXIT } from "../errors/exit-code.ts";
import { createShell } from "./create-shell.ts";
import { readScript } from "./read-script.ts";

/**
 * Runs the commands that stdin holds, one after the other, each with an empty stdin of its own.
 * Resolves to the status of the first that failed: there it stops, unless it is told to keep going.
 */
export async function runScript(
  session: Session,
  options: { keepGoing: boolean },
): Promise<number> {
  const quiet: Session = { ...session, stdin: emptyInput() };
  const shell = createShell({ session: quiet });
  let firstFailure: number | undefined;
  for await (const command of readScript(session.stdin.stream())) {
    if (session.signal.aborted) return firstFailure ?? EXIT.interrupted;
    const { status, leave } = await shell.runLine(command.text, quiet);
    if (leave) return status;
    if (status === EXIT.success) continue;
    if (!options.keepGoing || session.signal.aborted) {
      if (!session.signal.aborted) {
        const { line } = command;
        await session.stderr.write(`crish: stopped at line ${line}, with status ${status}\n`);
      }
      return firstFailure ?? status;
    }
    firstFailure ??= status;
  }
  return firstFailure ?? EXIT.success;
}

/** What a script's commands get: the script itself is not theirs to read. */
function emptyInput(): InputStream {
  return {
    isTty: false,
    fd: undefined,
    stream: () => Readable.from([]),
    enterRawMode: () => () => {},
  };
}
