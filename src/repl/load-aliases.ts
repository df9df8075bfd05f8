import { printError } from "../cli/print-error.ts";
import { loadOwnSettings } from "../config/load-own-settings.ts";
import type { Shell } from "./shell.ts";

/** Gives the shell the aliases of the configuration. A broken file is told in a line. */
export async function loadAliases(shell: Shell): Promise<void> {
  const { env, stderr } = shell.session;
  const { aliases, problems } = await loadOwnSettings(env);
  for (const [name, line] of aliases) shell.aliases.set(name, line);
  for (const problem of problems) await printError(stderr, problem);
}
