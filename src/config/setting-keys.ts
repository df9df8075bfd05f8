import { nearestName } from "../errors/nearest-name.ts";
import { StatusError } from "../errors/status-error.ts";
import { parseBoolean } from "./parse-boolean.ts";

export type SettingValue = string | number | boolean;

interface SettingKey {
  readonly kind: "string" | "integer" | "boolean";
  readonly wants: string;
  /** What a file without the key means. */
  readonly standard: SettingValue;
}

const ENDPOINT: SettingKey = { kind: "string", wants: "a string", standard: "" };
const SWITCH: SettingKey = { kind: "boolean", wants: "true or false", standard: false };

/** The keys of crictl.yaml. A timeout of 0 leaves each kind of call the time that it needs. */
export const SETTING_KEYS = {
  "runtime-endpoint": ENDPOINT,
  "image-endpoint": ENDPOINT,
  timeout: { kind: "integer", wants: "a whole number of seconds", standard: 0 },
  debug: SWITCH,
  "pull-image-on-create": SWITCH,
  "disable-pull-on-run": SWITCH,
  "max-retries": { kind: "integer", wants: "a whole number", standard: 3 },
} as const satisfies Readonly<Record<string, SettingKey>>;

export type SettingName = keyof typeof SETTING_KEYS;

export function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(SETTING_KEYS, name);
}

/** A value as its key has it; undefined for one of the wrong type. */
export function toSettingValue(name: SettingName, value: unknown): SettingValue | undefined {
  switch (SETTING_KEYS[name].kind) {
    case "integer":
      return toInteger(value);
    case "boolean":
      return typeof value === "boolean" ? value : parseBoolean(String(value));
    default:
      return typeof value === "string" ? value : undefined;
  }
}

/** The error for a name that is none of the keys; `place` says where it stands, if in a file. */
export function unknownSetting(name: string, place = ""): StatusError {
  const names = Object.keys(SETTING_KEYS);
  const near = nearestName(name, names);
  const hint = near === undefined ? `known are ${names.join(", ")}` : `did you mean ${near}?`;
  return new StatusError("InvalidArgument", `${place}unknown key "${name}"`, { hint });
}

function toInteger(value: unknown): number | undefined {
  if (typeof value === "number" && Number.isInteger(value)) return value;
  return typeof value === "string" && /^-?\d+$/.test(value) ? Number(value) : undefined;
}
