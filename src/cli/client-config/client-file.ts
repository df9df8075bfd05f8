import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { editSettingsText } from "../../config/edit-settings-text.ts";
import { DEFAULT_CONFIG_FILE, settingsFile } from "../../config/load-settings.ts";
import { type FileSettings, parseSettingsFile } from "../../config/parse-settings-file.ts";
import { SETTING_KEYS, type SettingName, type SettingValue } from "../../config/setting-keys.ts";
import { errnoText } from "../../errors/errno-text.ts";
import { hasCode, StatusError } from "../../errors/status-error.ts";
import { replaceFile } from "../../host/replace-file.ts";
import type { Context } from "../context.ts";

/** crictl's file: what `--config`, CRI_CONFIG_FILE or its usual place say. */
export interface ClientFile {
  readonly path: string;
  /** Who names a file means one that is there, unless it is to be made. */
  readonly isNamed: boolean;
}

export interface SettingChange {
  readonly name: SettingName;
  readonly value: SettingValue;
}

/** Nobody else needs to read which sockets this host has; crictl makes it so too. */
const NEW_FILE_MODE = 0o600;

export function clientFile({ session, env, cwd }: Context): ClientFile {
  const sources = { flags: session.globalFlags, env, defaultFile: DEFAULT_CONFIG_FILE };
  const { path, isNamed } = settingsFile(sources);
  return { path: resolve(cwd, path), isNamed };
}

/** What the file says of each key, or means by its absence. Throws InvalidArgument. */
export async function readClientFile({
  path,
  isNamed,
}: ClientFile): Promise<Readonly<Record<SettingName, SettingValue>>> {
  const source = await readSource(path);
  if (source === undefined && isNamed) throw unreadable(path, "no such file");
  const settings: FileSettings = await parseSettingsFile(source ?? "", path);
  const entries = Object.entries(SETTING_KEYS).map(([name, { standard }]) => [
    name,
    settings[name as SettingName] ?? standard,
  ]);
  return Object.fromEntries(entries);
}

/** All of the changes or none; the file is made where it is not there. */
export async function changeClientFile(
  { path }: ClientFile,
  changes: readonly SettingChange[],
): Promise<void> {
  const source = await readSource(path);
  let text = source ?? "";
  for (const change of changes) text = await editSettingsText(text, path, change);
  if (text === source) return;
  await replaceFile(path, text, { mode: NEW_FILE_MODE }).catch((error: unknown) => {
    if (!hasCode(error, "PermissionDenied")) throw error;
    const hint = "run as root, or name a file of your own with --config";
    throw new StatusError(error.code, error.message, { hint });
  });
}

async function readSource(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw unreadable(path, errnoText(error));
  }
}

function unreadable(path: string, reason: string): StatusError {
  return new StatusError("InvalidArgument", `cannot read configuration "${path}": ${reason}`);
}
