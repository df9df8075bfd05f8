import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type RunOptions, type RunResult, run } from "./run.ts";

/**
 * The command line under test: $CRISH_BIN, else the executable dist/crish where it is built, else
 * bin/crish.ts under this very Node.
 */
export function crishCommand(): { command: string; args: string[] } {
  const chosen = process.env.CRISH_BIN;
  if (chosen !== undefined && chosen !== "") {
    return chosen.endsWith(".ts")
      ? { command: process.execPath, args: [chosen] }
      : { command: chosen, args: [] };
  }
  const built = fileURLToPath(new URL("../../dist/crish", import.meta.url));
  if (existsSync(built)) return { command: built, args: [] };
  return {
    command: process.execPath,
    args: [fileURLToPath(new URL("../../bin/crish.ts", import.meta.url))],
  };
}

/**
 * The environment of a command: nothing of the tests' own but PATH, and a home that is not there. Nor
 * is a root of the embedded runtime: that of this machine is not for tests, and none can be made here.
 */
export function crishEnvironment(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH ?? "/usr/sbin:/usr/bin:/sbin:/bin",
    HOME: "/nonexistent",
    LANG: "C.UTF-8",
    CRI_CONFIG_FILE: "/dev/null",
    CRISH_ROOT: "/dev/null/root",
    CRISH_STATE: "/dev/null/state",
    ...extra,
  };
}

/** Runs one command to its end, without a terminal. `env` is added to a clean environment. */
export function crish(
  args: string[],
  options: Omit<RunOptions, "env"> & { env?: NodeJS.ProcessEnv } = {},
): Promise<RunResult> {
  const { command, args: before } = crishCommand();
  return run(command, [...before, ...args], { ...options, env: crishEnvironment(options.env) });
}

/** Like `crish`, but any status other than 0 rejects with what the command wrote. */
export async function crishOk(
  args: string[],
  options: Parameters<typeof crish>[1] = {},
): Promise<RunResult> {
  const result = await crish(args, options);
  if (result.status !== 0) {
    throw new Error(
      `crish ${args.join(" ")}: status ${result.status}: ${result.stdout}${result.stderr}`,
    );
  }
  return result;
}

/** Starts one command with open pipes; the caller ends it. `detached` gives it a session of its own. */
export function spawnCrish(
  args: string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string; detached?: boolean } = {},
): ChildProcess {
  const { command, args: before } = crishCommand();
  return spawn(command, [...before, ...args], {
    ...options,
    env: crishEnvironment(options.env),
    stdio: ["pipe", "pipe", "pipe"],
  });
}
