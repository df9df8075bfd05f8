import type { StatusError } from "../errors/status-error.ts";
import { ownSettingsFile, readOwnFile, SYSTEM_FILE } from "./own-settings-files.ts";
import { type OwnSettings, parseOwnSettings } from "./parse-own-settings.ts";

export interface LoadedOwnSettings extends OwnSettings {
  /** One for each file that could not be used: none of them keeps anybody from working. */
  readonly problems: readonly StatusError[];
}

/** The user's own file over the system's; files that are absent say nothing. Never rejects. */
export async function loadOwnSettings(
  env: Readonly<Record<string, string | undefined>>,
  systemFile = SYSTEM_FILE,
): Promise<LoadedOwnSettings> {
  const problems: StatusError[] = [];
  const read = async (path: string): Promise<OwnSettings | undefined> => {
    try {
      const source = readOwnFile(path);
      return source === undefined ? undefined : await parseOwnSettings(source, path);
    } catch (error) {
      problems.push(error as StatusError);
      return undefined;
    }
  };
  const system = await read(systemFile);
  const own = await read(ownSettingsFile(env));
  return {
    aliases: new Map([...(system?.aliases ?? []), ...(own?.aliases ?? [])]),
    contexts: new Map([...(system?.contexts ?? []), ...(own?.contexts ?? [])]),
    // See findContext: which one is in use is the user's own choice.
    currentContext: own?.currentContext,
    problems,
  };
}
