import type { Node } from "yaml";
import { nearestName } from "../errors/nearest-name.ts";
import { StatusError } from "../errors/status-error.ts";
import { isAliasName } from "./alias-name.ts";

/** What crish's own configuration says, for the shell on a terminal. */
export interface ShellSettings {
  /** Names to command lines. */
  readonly aliases: ReadonlyMap<string, string>;
}

interface Reader {
  readonly aliases: Map<string, string>;
  /** The error at a place of the file. */
  refuse(offset: number, message: string, hint?: string): StatusError;
}

type Take = (reader: Reader, value: unknown, at: number) => Promise<void>;

/** Each key with what takes its value. */
const KEYS: Readonly<Record<string, Take>> = { aliases: takeAliases };

/** Throws InvalidArgument with path, line and column. */
export async function parseShellSettings(source: string, path: string): Promise<ShellSettings> {
  const { isMap, isScalar, LineCounter, parseDocument } = await import("yaml");
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines });
  const reader: Reader = {
    aliases: new Map(),
    refuse(offset, message, hint) {
      const { line, col } = lines.linePos(offset);
      const text = `${path}:${line}:${col}: ${message}`;
      return new StatusError("InvalidArgument", text, hint === undefined ? {} : { hint });
    },
  };
  const broken = document.errors[0];
  if (broken !== undefined) {
    const message = broken.message.split("\n")[0]?.replace(/ at line .*$/, "") ?? "";
    throw reader.refuse(broken.pos[0], message);
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
    if (take === undefined) {
      const names = Object.keys(KEYS);
      const near = nearestName(name, names);
      const hint = near === undefined ? `known are ${names.join(", ")}` : `did you mean ${near}?`;
      throw reader.refuse(at, `unknown key "${name}"`, hint);
    }
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

function offsetOf(node: unknown): number {
  return (node as Node | null)?.range?.[0] ?? 0;
}
