import { useNormalJitAfterStart } from "../host/normal-jit.ts";
import { createProcessSession } from "./process-session.ts";
import { reportFailure, runCommand } from "./run-command.ts";

/** Runs this process's command line and leaves its status in process.exitCode. */
export async function startProcess(
  argv: readonly string[],
  exitNow: (status: number) => void,
): Promise<void> {
  useNormalJitAfterStart();
  const { session, finalStatus, endsAtOnce, close } = createProcessSession(exitNow);
  // What escapes a command is our fault; it is told like any other failure, and nothing goes on.
  process.once("uncaughtException", async (error) => {
    exitNow(await reportFailure(error, session, { showStack: argv.includes("--debug") }));
  });
  try {
    process.exitCode = finalStatus(await runCommand(argv, session));
  } finally {
    await close();
  }
  if (endsAtOnce()) exitNow(Number(process.exitCode ?? 0));
}
