import { isatty } from "node:tty";
import { createProcessSession } from "./process-session.ts";
import { runCommand } from "./run-command.ts";

/** Runs this process's command line and leaves its status in process.exitCode. */
export async function startProcess(
  argv: readonly string[],
  exitNow: (status: number) => void,
): Promise<void> {
  const { session, finalStatus, close } = createProcessSession(exitNow);
  try {
    const words = argv.length === 0 && isatty(0) && isatty(1) ? ["repl"] : argv;
    process.exitCode = finalStatus(await runCommand(words, session));
  } finally {
    await close();
  }
}
