import { createProcessSession } from "./process-session.ts";
import { runCommand } from "./run-command.ts";

/** Runs this process's command line and leaves its status in process.exitCode. */
export async function startProcess(
  argv: readonly string[],
  exitNow: (status: number) => void,
): Promise<void> {
  const { session, finalStatus, close } = createProcessSession(exitNow);
  try {
    // Without words: the shell on a terminal, else the script that stdin holds.
    process.exitCode = finalStatus(await runCommand(argv.length === 0 ? ["repl"] : argv, session));
  } finally {
    await close();
  }
}
