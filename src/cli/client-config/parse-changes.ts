import {
  isSettingName,
  SETTING_KEYS,
  type SettingName,
  toSettingValue,
  unknownSetting,
} from "../../config/setting-keys.ts";
import { parseEndpoint } from "../../cri/parse-endpoint.ts";
import { StatusError } from "../../errors/status-error.ts";
import type { SettingChange } from "./client-file.ts";

/**
 * The values of `--set`, each `KEY=VALUE` or several of them with commas between. A comma before
 * anything else belongs to the value. Throws InvalidArgument.
 */
export function parseChanges(words: readonly string[]): readonly SettingChange[] {
  return words
    .flatMap((word) => word.split(/,(?=[A-Za-z-]+=)/))
    .map((pair) => {
      const equals = pair.indexOf("=");
      if (equals > 0) return toChange(pair.slice(0, equals), pair.slice(equals + 1));
      throw new StatusError("InvalidArgument", `--set "${pair}" is not of the form KEY=VALUE`);
    });
}

/** Throws InvalidArgument for an unknown key, and for a value that its key cannot have. */
export function toChange(key: string, text: string): SettingChange {
  const name = toSettingName(key);
  const value = toSettingValue(name, text);
  if (value === undefined) {
    const wants = `"${name}" wants ${SETTING_KEYS[name].wants}, not "${text}"`;
    throw new StatusError("InvalidArgument", wants, hintFor(name));
  }
  if (name.endsWith("-endpoint") && text !== "") parseEndpoint(text);
  return { name, value };
}

export function toSettingName(key: string): SettingName {
  if (isSettingName(key)) return key;
  throw unknownSetting(key);
}

function hintFor(name: SettingName): { hint?: string } {
  return name === "timeout" ? { hint: "as in timeout=30; the flag --timeout takes 1m30s too" } : {};
}
