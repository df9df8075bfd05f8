import type { MessageName } from "../cri/json/field-table.ts";
import { formatTime } from "../output/format-time.ts";
import { parseJsonExactly } from "../output/json.ts";
import { sortKeys } from "../output/sort-keys.ts";

/** The fields of a status that hold a moment: printed as times, not as nanoseconds. */
const TIMES: Partial<Record<string, readonly string[]>> = {
  ContainerStatus: ["createdAt", "startedAt", "finishedAt"],
  PodSandboxStatus: ["createdAt"],
};

/** Messages that crictl prints as null where they are unset. */
const NULLS: Partial<Record<string, readonly string[]>> = {
  ContainerStatus: ["user", "resources"],
  PodSandboxStatus: ["linux"],
};

/**
 * What the inspect verbs print for one object, in crictl's shape: the status, and what the runtime
 * tells beyond CRI under its own keys, parsed where it is a JSON object.
 */
export async function statusDocument(
  message: MessageName,
  status: object,
  info: Readonly<Record<string, string>>,
): Promise<Record<string, unknown>> {
  const { toJson } = await import("../cri/json/to-json.ts");
  const json: Record<string, unknown> = toJson(message, status);
  const fields = status as Readonly<Record<string, unknown>>;
  for (const name of TIMES[message] ?? []) json[name] = formatTime(fields[name] as bigint);
  for (const name of NULLS[message] ?? []) json[name] ??= null;
  return { ...infoDocument(info), status: sortKeys(json) };
}

/** The runtime's own facts, values that are JSON objects parsed. */
export function infoDocument(info: Readonly<Record<string, string>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(info).map(([key, text]) => [key, infoValue(text)]));
}

function infoValue(text: string): unknown {
  if (text.startsWith("{")) {
    try {
      return parseJsonExactly(text);
    } catch {
      return text;
    }
  }
  return text.replace(/^"(.*)"$/s, "$1");
}
