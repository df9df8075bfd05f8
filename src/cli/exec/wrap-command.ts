import type { ExecOverrides } from "../../cri/backend.ts";
import { StatusError } from "../../errors/status-error.ts";

const CHANGE_DIRECTORY = 'cd -- "$1" || exit 125; shift; exec "$@"';

/**
 * The command that sets environment and directory before it becomes the given one, for runtimes
 * whose exec cannot: `env` and `sh` of the container do it. Both become the program they start, so
 * its status and signals are its own. Throws Unimplemented for a user, which nothing in a container
 * can change faithfully.
 */
export function wrapCommand(command: readonly string[], overrides: ExecOverrides): string[] {
  if (overrides.user !== undefined) {
    throw new StatusError("Unimplemented", "CRI cannot exec as another user than the container's", {
      hint: "only the embedded runtime can: -r embedded:",
    });
  }
  let wrapped = [...command];
  const env = overrides.env ?? [];
  // To env, a first word with "=" would be one more variable.
  const needsShell = overrides.cwd !== undefined || (env.length > 0 && command[0]?.includes("="));
  if (needsShell) {
    wrapped = ["sh", "-c", CHANGE_DIRECTORY, "sh", overrides.cwd ?? ".", ...wrapped];
  }
  return env.length > 0 ? ["env", ...env, ...wrapped] : wrapped;
}
