import { chmod, copyFile } from "node:fs/promises";
import { join } from "node:path";
import type { Cleanup } from "./cleanup.ts";
import { crishCommand, crishEnvironment } from "./crish.ts";
import { type RunOptions, type RunResult, run } from "./run.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

/** The user nobody, and its group. */
const NOBODY = 65534;

/**
 * The command line under test where any user reaches it: the checkout may lie in root's home, so it is
 * a copy of the executable. From the sources it is what it is.
 */
export async function crishForNobody(
  cleanup: Cleanup,
): Promise<{ command: string; args: string[] }> {
  const { command, args } = crishCommand();
  if (args.length > 0) return { command, args };
  const copy = join(await temporaryDirectory(cleanup, "bin"), "crish");
  await copyFile(command, copy);
  await chmod(copy, 0o755);
  return { command: copy, args };
}

/** Runs one command to its end as a user without any right. */
export async function crishAsNobody(
  cleanup: Cleanup,
  args: readonly string[],
  options: Omit<RunOptions, "env"> & { readonly env?: NodeJS.ProcessEnv } = {},
): Promise<RunResult> {
  const { command, args: before } = await crishForNobody(cleanup);
  const env = crishEnvironment(options.env);
  return await run(command, [...before, ...args], { ...options, uid: NOBODY, gid: NOBODY, env });
}
