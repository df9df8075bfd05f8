import { spawnSync } from "node:child_process";

/** Runs a program to its end and gives its stdout; throws with its stderr when it fails. */
export function execute(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; input?: string | Buffer } = {},
): Buffer {
  const { status, signal, error, stdout, stderr } = spawnSync(command, args, {
    ...options,
    maxBuffer: 1 << 30,
  });
  if (error !== undefined) throw error;
  if (status === 0) return stdout;
  throw new Error(`${command} ${args[0] ?? ""} ended with ${signal ?? status}: ${stderr}${stdout}`);
}
