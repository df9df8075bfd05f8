import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { errnoText } from "../errors/errno-text.ts";
import { StatusError } from "../errors/status-error.ts";
import { parseShellSettings, type ShellSettings } from "./parse-shell-settings.ts";

export interface LoadedShellSettings extends ShellSettings {
  /** One for each file that could not be used: none of them keeps anybody from working. */
  readonly problems: readonly StatusError[];
}

const SYSTEM_FILE = "/etc/crish/config.yaml";

/** `$XDG_CONFIG_HOME/crish/config.yaml`, by default below ~/.config. */
export function shellSettingsFile(env: Readonly<Record<string, string | undefined>>): string {
  // A relative path would mean another file in each directory: the XDG rules say to ignore it.
  const named = env.XDG_CONFIG_HOME ?? "";
  const base = isAbsolute(named) ? named : join(env.HOME || homedir(), ".config");
  return join(base, "crish", "config.yaml");
}

/** The user's own file over the system's; files that are absent say nothing. Never rejects. */
export async function loadShellSettings(
  env: Readonly<Record<string, string | undefined>>,
  systemFile = SYSTEM_FILE,
): Promise<LoadedShellSettings> {
  const aliases = new Map<string, string>();
  const problems: StatusError[] = [];
  for (const path of [systemFile, shellSettingsFile(env)]) {
    try {
      const source = await readIfThere(path);
      if (source === undefined || source.trim() === "") continue;
      const settings = await parseShellSettings(source, path);
      for (const [name, line] of settings.aliases) aliases.set(name, line);
    } catch (error) {
      problems.push(error as StatusError);
    }
  }
  return { aliases, problems };
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new StatusError(
      "InvalidArgument",
      `cannot read configuration "${path}": ${errnoText(error)}`,
    );
  }
}
