import { errnoText } from "../errors/errno-text.ts";
import { StatusError } from "../errors/status-error.ts";
import { readText } from "../host/read-text.ts";

/** crish's own configuration for everybody. */
export const SYSTEM_FILE = "/etc/crish/config.yaml";

/** That of one user: `$XDG_CONFIG_HOME/crish/config.yaml`, by default below ~/.config. */
export function ownSettingsFile(env: Readonly<Record<string, string | undefined>>): string {
  // A relative path would mean another file in each directory: the XDG rules say to ignore it.
  const named = env.XDG_CONFIG_HOME ?? "";
  const home = () => env.HOME || process.getBuiltinModule("node:os").homedir();
  const base = named.startsWith("/") ? named : `${home()}/.config`;
  return `${base.replace(/\/+$/, "")}/crish/config.yaml`;
}

/** Undefined for a file that is absent. Throws InvalidArgument for one that cannot be read. */
export function readOwnFile(path: string): string | undefined {
  try {
    return readText(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    const message = `cannot read configuration "${path}": ${errnoText(error)}`;
    // As where a program changes the user and leaves the variables: whether there is a file is not known.
    const isAnothers = code === "EACCES" && path !== SYSTEM_FILE;
    const hint = "set HOME to this user's own home, or XDG_CONFIG_HOME";
    throw new StatusError("InvalidArgument", message, isAnothers ? { hint } : {});
  }
}
