import type { Node } from "yaml";
import { nearestName } from "../errors/nearest-name.ts";
import { StatusError } from "../errors/status-error.ts";
import { isAliasName } from "./alias-name.ts";
import { parseDuration } from "./parse-duration.ts";
import { isContextName, type RuntimeContext } from "./runtime-context.ts";

/** What crish's own configuration says: beside crictl.yaml, what crictl knows nothing of. */
export interface OwnSettings {
  /** Names to command lines, for the shell on a terminal. */
  readonly aliases: ReadonlyMap<string, string>;
  readonly contexts: ReadonlyMap<string, RuntimeContext>;
  /** The name of the context in use, which need not be defined in the same file. */
  readonly currentContext: string | undefined;
}

interface Reader {
  readonly aliases: Map<string, string>;
  readonly contexts: Map<string, RuntimeContext>;
  currentContext: string | undefined;
  /** The error at a place of the file. */
  refuse(offset: number, message: string, hint?: string): StatusError;
}

type Take = (reader: Reader, value: unknown, at: number) => Promise<void>;

/** Each key with what takes its value. */
const KEYS: Readonly<Record<string, Take>> = {
  aliases: takeAliases,
  "current-context": takeCurrentContext,
  contexts: takeContexts,
};

const NOTHING: OwnSettings = {
  aliases: new Map(),
  contexts: new Map(),
  currentContext: undefined,
};

/** Throws InvalidArgument with path, line and column. */
export async function parseOwnSettings(source: string, path: string): Promise<OwnSettings> {
  if (source.trim() === "") return NOTHING;
  const { isMap, isScalar, LineCounter, parseDocument } = await import("yaml");
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines });
  const reader: Reader = {
    aliases: new Map(),
    contexts: new Map(),
    currentContext: undefined,
    refuse(offset, message, hint) {
      const { line, col } = lines.linePos(offset);
      const text = `${path}:${line}:${col}: ${message}`;
      return new StatusError("InvalidArgument", text, hint === undefined ? {} : { hint });
    },
  };
  const broken = document.errors[0];
  if (broken !== undefined) {
    const { describeBrokenYaml } = await import("./broken-yaml.ts");
    const { message, hint } = describeBrokenYaml(broken, source);
    throw reader.refuse(broken.pos[0], message, hint);
  }
  const { contents } = document;
  if (contents === null || (isScalar(contents) && contents.value === null)) return reader;
  if (!isMap(contents)) {
    throw reader.refuse(0, "the configuration is not a mapping of keys to values");
  }
  for (const { key, value } of contents.items) {
    const name = isScalar(key) ? String(key.value) : "";
    const at = offsetOf(key);
    const take = Object.hasOwn(KEYS, name) ? KEYS[name] : undefined;
    if (take === undefined) throw unknownKey(reader, name, at, Object.keys(KEYS));
    await take(reader, value, at);
  }
  return reader;
}

async function takeAliases(reader: Reader, value: unknown, at: number): Promise<void> {
  const { isMap, isScalar } = await import("yaml");
  if (value === null || (isScalar(value) && value.value === null)) return;
  if (!isMap(value)) throw reader.refuse(at, '"aliases" wants names with a command line each');
  for (const { key, value: line } of value.items) {
    const name = isScalar(key) ? String(key.value) : "";
    if (!isAliasName(name)) {
      throw reader.refuse(offsetOf(key), `"${name}" is no name for an alias`);
    }
    if (!isScalar(line) || typeof line.value !== "string" || line.value.trim() === "") {
      throw reader.refuse(offsetOf(key), `the alias "${name}" wants a command line`);
    }
    reader.aliases.set(name, line.value.trim());
  }
}

async function takeCurrentContext(reader: Reader, value: unknown, at: number): Promise<void> {
  const { isScalar } = await import("yaml");
  const name = isScalar(value) ? (value.value ?? "") : undefined;
  if (name === "") return;
  if (typeof name !== "string" || !isContextName(name)) {
    throw reader.refuse(at, '"current-context" wants the name of a context');
  }
  reader.currentContext = name;
}

async function takeContexts(reader: Reader, value: unknown, at: number): Promise<void> {
  const { isMap, isScalar } = await import("yaml");
  if (value === null || (isScalar(value) && value.value === null)) return;
  if (!isMap(value)) throw reader.refuse(at, '"contexts" wants names with endpoints each');
  for (const { key, value: fields } of value.items) {
    const name = isScalar(key) ? String(key.value) : "";
    if (!isContextName(name)) {
      throw reader.refuse(offsetOf(key), `"${name}" is no name for a context`);
    }
    if (!isMap(fields)) {
      throw reader.refuse(offsetOf(key), `the context "${name}" wants a runtime-endpoint`);
    }
    reader.contexts.set(name, takeContext(reader, name, offsetOf(key), fields.toJSON()));
  }
}

const CONTEXT_KEYS = ["runtime-endpoint", "image-endpoint", "timeout"];

function takeContext(
  reader: Reader,
  name: string,
  at: number,
  fields: Readonly<Record<string, unknown>>,
): RuntimeContext {
  const unknown = Object.keys(fields).find((key) => !CONTEXT_KEYS.includes(key));
  if (unknown !== undefined) throw unknownKey(reader, unknown, at, CONTEXT_KEYS);
  const text = (key: string): string | undefined => {
    const value = fields[key] ?? "";
    if (typeof value !== "string") {
      throw reader.refuse(at, `"${key}" of the context "${name}" wants a string`);
    }
    return value === "" ? undefined : value;
  };
  const runtimeEndpoint = text("runtime-endpoint");
  if (runtimeEndpoint === undefined) {
    throw reader.refuse(at, `the context "${name}" wants a runtime-endpoint`);
  }
  const timeoutMs = toTimeoutMs(fields.timeout);
  if (Number.isNaN(timeoutMs)) {
    const hint = "write it as 30s or 1m30s; a bare number is seconds";
    throw reader.refuse(at, `"timeout" of the context "${name}" wants a duration`, hint);
  }
  return { runtimeEndpoint, imageEndpoint: text("image-endpoint"), timeoutMs };
}

/** NaN for what is no duration. */
function toTimeoutMs(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string" && typeof value !== "number") return Number.NaN;
  try {
    return parseDuration(String(value), "timeout");
  } catch {
    return Number.NaN;
  }
}

function unknownKey(
  reader: Reader,
  name: string,
  at: number,
  names: readonly string[],
): StatusError {
  const near = nearestName(name, names);
  const hint = near === undefined ? `known are ${names.join(", ")}` : `did you mean ${near}?`;
  return reader.refuse(at, `unknown key "${name}"`, hint);
}

function offsetOf(node: unknown): number {
  return (node as Node | null)?.range?.[0] ?? 0;
}
