import { useNormalJitAfterStart } from "../host/normal-jit.ts";
import type { Session } from "./context.ts";
import { createProcessSession } from "./process-session.ts";
import { reportFailure, runCommand } from "./run-command.ts";

/**
 * Runs this process's command line and leaves its status in process.exitCode; with crictl's defaults
 * where it was started under that name.
 */
export async function startProcess(
  argv: readonly string[],
  exitNow: (status: number) => void,
  isCrictl: boolean,
): Promise<void> {
  useNormalJitAfterStart();
  const { session, finalStatus, endsAtOnce, close } = createProcessSession(exitNow);
  // What escapes a command is our fault; it is told like any other failure, and nothing goes on.
  process.once("uncaughtException", async (error) => {
    exitNow(await reportFailure(error, session, { showStack: argv.includes("--debug") }));
  });
  try {
    process.exitCode = finalStatus(await run(argv, session, isCrictl));
  } finally {
    await close();
  }
  if (endsAtOnce()) exitNow(Number(process.exitCode ?? 0));
}

async function run(argv: readonly string[], session: Session, isCrictl: boolean): Promise<number> {
  if (!isCrictl) return await runCommand(argv, session);
  const { runAsCrictl } = await import("./crictl/run-as-crictl.ts");
  return await runAsCrictl(argv, session);
}
