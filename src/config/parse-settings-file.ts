import { nearestName } from "../errors/nearest-name.ts";
import { StatusError } from "../errors/status-error.ts";
import { parseBoolean } from "./parse-boolean.ts";

/** What crictl.yaml may say; absent keys are undefined. */
export interface FileSettings {
  runtimeEndpoint?: string;
  imageEndpoint?: string;
  timeoutMs?: number;
  debug?: boolean;
  pullImageOnCreate?: boolean;
  disablePullOnRun?: boolean;
  maxRetries?: number;
}

type Assign = (settings: FileSettings, value: unknown) => boolean;

/** Each key with what takes its value; false means that the value has the wrong type. */
const KEYS: Readonly<Record<string, { readonly wants: string; readonly assign: Assign }>> = {
  "runtime-endpoint": {
    wants: "a string",
    assign: (settings, value) => assignString(settings, "runtimeEndpoint", value),
  },
  "image-endpoint": {
    wants: "a string",
    assign: (settings, value) => assignString(settings, "imageEndpoint", value),
  },
  timeout: {
    wants: "a whole number of seconds",
    assign: (settings, value) => {
      const seconds = toInteger(value);
      if (seconds === undefined) return false;
      settings.timeoutMs = seconds * 1000;
      return true;
    },
  },
  debug: {
    wants: "true or false",
    assign: (settings, value) => assignBoolean(settings, "debug", value),
  },
  "pull-image-on-create": {
    wants: "true or false",
    assign: (settings, value) => assignBoolean(settings, "pullImageOnCreate", value),
  },
  "disable-pull-on-run": {
    wants: "true or false",
    assign: (settings, value) => assignBoolean(settings, "disablePullOnRun", value),
  },
  "max-retries": {
    wants: "a whole number",
    assign: (settings, value) => {
      const count = toInteger(value);
      if (count === undefined) return false;
      settings.maxRetries = count;
      return true;
    },
  },
};

/** Throws InvalidArgument with path, line and column. */
export async function parseSettingsFile(source: string, path: string): Promise<FileSettings> {
  const plain = parsePlainLines(source);
  if (plain !== undefined) return plain;
  const { isMap, isScalar, LineCounter, parseDocument } = await import("yaml");
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, uniqueKeys: false });
  const refuse = (offset: number, message: string, hint?: string) => {
    const { line, col } = lines.linePos(offset);
    const place = `${path}:${line}:${col}`;
    return new StatusError(
      "InvalidArgument",
      `${place}: ${message}`,
      hint === undefined ? {} : { hint },
    );
  };
  const broken = document.errors[0];
  if (broken !== undefined) {
    throw refuse(broken.pos[0], broken.message.split("\n")[0]?.replace(/ at line .*$/, "") ?? "");
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
    const known = KEYS[key];
    if (known === undefined) {
      const names = Object.keys(KEYS);
      const near = nearestName(key, names);
      const hint = near === undefined ? `known are ${names.join(", ")}` : `did you mean ${near}?`;
      throw refuse(at, `unknown key "${key}"`, hint);
    }
    const value = isScalar(pair.value) ? pair.value.value : pair.value;
    if (value === null) continue;
    if (!known.assign(settings, value)) throw refuse(at, `"${key}" wants ${known.wants}`);
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
    const known = KEYS[key];
    const value = quote === '"' ? text : plainScalar(text);
    if (known === undefined || value === undefined || !known.assign(settings, value)) {
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

function assignString(
  settings: FileSettings,
  name: "runtimeEndpoint" | "imageEndpoint",
  value: unknown,
): boolean {
  if (typeof value !== "string") return false;
  if (value !== "") settings[name] = value;
  return true;
}

function assignBoolean(
  settings: FileSettings,
  name: "debug" | "pullImageOnCreate" | "disablePullOnRun",
  value: unknown,
): boolean {
  const meant = typeof value === "boolean" ? value : parseBoolean(String(value));
  if (meant === undefined) return false;
  settings[name] = meant;
  return true;
}

function toInteger(value: unknown): number | undefined {
  if (typeof value === "number" && Number.isInteger(value)) return value;
  return typeof value === "string" && /^-?\d+$/.test(value) ? Number(value) : undefined;
}
