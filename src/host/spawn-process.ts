/**
 * The room `host`: processes, files, clock and random IDs, for everyone. It knows nothing of
 * containers; effects that only the runtime has (mounts, namespaces, libc) lie in runtime/host.
 */
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { childEnvironment } from "./child-environment.ts";
import { getExecutable } from "./find-executable.ts";

/**
 * Starts a program and hands over the child: for callers that stream, pass descriptors or detach. It
 * gets the environment that is given, or the caller's own, without what changes the runtime of crish.
 * Throws FailedPrecondition (naming the Debian package where known) when there is no such program. Whoever
 * calls it listens to `error` as well, and ends the child.
 */
export function spawnProcess(
  command: string,
  args: readonly string[],
  options: SpawnOptions = {},
): ChildProcess {
  const env = childEnvironment(options.env ?? process.env);
  return spawn(getExecutable(command, options.env?.PATH), args, { ...options, env });
}
