import { StatusError } from "../errors/status-error.ts";
import {
  isSettingName,
  SETTING_KEYS,
  type SettingName,
  type SettingValue,
  toSettingValue,
  unknownSetting,
} from "./setting-keys.ts";

/** What crictl.yaml says; absent keys are undefined. */
export interface FileSettings {
  "runtime-endpoint"?: string;
  "image-endpoint"?: string;
  /** In seconds. */
  timeout?: number;
  debug?: boolean;
  "pull-image-on-create"?: boolean;
  "disable-pull-on-run"?: boolean;
  "max-retries"?: number;
}

/** Throws InvalidArgument with path, line and column. */
export async function parseSettingsFile(source: string, path: string): Promise<FileSettings> {
  const plain = parsePlainLines(source);
  if (plain !== undefined) return plain;
  const { isMap, isScalar, LineCounter, parseDocument } = await import("yaml");
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, uniqueKeys: false });
  const placeOf = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${path}:${line}:${col}: `;
  };
  const refuse = (offset: number, message: string, options = {}) =>
    new StatusError("InvalidArgument", `${placeOf(offset)}${message}`, options);
  const broken = document.errors[0];
  if (broken !== undefined) {
    const { describeBrokenYaml } = await import("./broken-yaml.ts");
    const { message, ...options } = describeBrokenYaml(broken, source);
    throw refuse(broken.pos[0], message, options);
  }
  const isEmpty = isScalar(document.contents) && document.contents.value === null;
  if (document.contents === null || isEmpty) return {};
  if (!isMap(document.contents)) {
    throw refuse(0, "the configuration is not a mapping of keys to values");
  }
  const settings: FileSettings = {};
  for (const pair of document.contents.items) {
    const key = isScalar(pair.key) ? String(pair.key.value) : "";
    const at = isScalar(pair.key) ? (pair.key.range?.[0] ?? 0) : 0;
    if (!isSettingName(key)) throw unknownSetting(key, placeOf(at));
    const value = isScalar(pair.value) ? pair.value.value : pair.value;
    if (value === null) continue;
    if (!assign(settings, key, value)) {
      throw refuse(at, `"${key}" wants ${SETTING_KEYS[key].wants}`);
    }
  }
  return settings;
}

/**
 * The usual file, a known key and a plain value on each line, without the YAML library, which takes
 * milliseconds to load. Undefined for all else, right or wrong: the library understands it or says
 * what is wrong with it.
 */
function parsePlainLines(source: string): FileSettings | undefined {
  const settings: FileSettings = {};
  for (const line of source.split("\n")) {
    if (line === "" || (line.startsWith("#") && !line.includes("\r"))) continue;
    const match = /^([a-z-]+): +("?)([A-Za-z0-9/._-][A-Za-z0-9/:._-]*)\2$/.exec(line);
    const [, key = "", quote, text = ""] = match ?? [];
    const value = quote === '"' ? text : plainScalar(text);
    if (!isSettingName(key) || value === undefined || !assign(settings, key, value)) {
      return undefined;
    }
  }
  return settings;
}

/** What YAML takes the word for; undefined where that is not certain. */
function plainScalar(text: string): string | number | boolean | undefined {
  if (text === "true") return true;
  if (text === "false") return false;
  if (/^(0|[1-9]\d{0,8})$/.test(text)) return Number(text);
  return /^[a-z]+:\/\/.*[^:]$/.test(text) ? text : undefined;
}

/** False where the value has the wrong type. An empty text is as good as none. */
function assign(settings: FileSettings, key: SettingName, value: unknown): boolean {
  const converted = toSettingValue(key, value);
  if (converted === undefined) return false;
  const byName: Partial<Record<SettingName, SettingValue>> = settings;
  if (converted !== "") byName[key] = converted;
  return true;
}
