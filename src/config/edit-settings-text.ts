import type { Document, Pair, Scalar, YAMLMap } from "yaml";
import { StatusError } from "../errors/status-error.ts";
import { type FileSettings, parseSettingsFile } from "./parse-settings-file.ts";
import type { SettingName, SettingValue } from "./setting-keys.ts";

/**
 * The text of crictl.yaml with one key changed, and with every other byte as it was: comments, order,
 * quotes and blank lines. A key that stands there several times is changed at each place; one that
 * is not there comes last. Throws InvalidArgument for a malformed text, FailedPrecondition where the
 * text has a form in which the change would not be what was asked for.
 */
export async function editSettingsText(
  source: string,
  path: string,
  change: { readonly name: SettingName; readonly value: SettingValue },
): Promise<string> {
  const { name, value } = change;
  const before = await parseSettingsFile(source, path);
  const edited = await splice(source, name, value);
  const wanted: Record<string, unknown> = { ...before, [name]: value };
  if (value === "") delete wanted[name];
  if (await isSame(edited, path, wanted)) return edited;
  throw new StatusError("FailedPrecondition", `cannot change "${name}" alone in "${path}"`, {
    hint: "change the file in an editor",
  });
}

async function isSame(
  text: string,
  path: string,
  wanted: Readonly<Record<string, unknown>>,
): Promise<boolean> {
  const found: FileSettings = await parseSettingsFile(text, path).catch(() => ({}));
  const sorted = (settings: object) => JSON.stringify(Object.entries(settings).sort());
  return sorted(found) === sorted(wanted);
}

async function splice(source: string, name: string, value: SettingValue): Promise<string> {
  const { isMap, isScalar, parseDocument } = await import("yaml");
  const options = { uniqueKeys: false, keepSourceTokens: true };
  const document: Document = parseDocument(source, options);
  const { contents } = document;
  if (!isMap(contents)) return append(source, document, `${name}: ${plain(value)}`);
  const pairs = contents.items.filter(({ key }) => isScalar(key) && key.value === name);
  if (pairs.length === 0) return insert(source, document, contents, name, value);
  // From the last to the first, so that the places before stay where they are.
  return pairs.reduceRight((text, pair) => replaceValue(text, pair, value), source);
}

function replaceValue(source: string, pair: Pair, value: SettingValue): string {
  const found = pair.value as Scalar | null;
  const [start = 0, end = 0] = found?.range ?? [];
  if (found === null) {
    const [, keyEnd = 0] = (pair.key as Scalar).range ?? [];
    return cut(source, keyEnd, keyEnd, `: ${plain(value)}`);
  }
  if (start === end) {
    const colon = pair.srcToken?.sep?.find(({ type }) => type === "map-value-ind")?.offset;
    const behind = colon === undefined ? end : colon + 1;
    return cut(source, behind, behind, ` ${plain(value)}`);
  }
  return cut(source, start, end, likeBefore(found, value));
}

/** In the quotes that the value had. */
function likeBefore({ type }: Scalar, value: SettingValue): string {
  if (type === "QUOTE_SINGLE") return `'${String(value).replaceAll("'", "''")}'`;
  if (type === "QUOTE_DOUBLE") return JSON.stringify(String(value));
  // A block of lines ends with its newline.
  return type === "BLOCK_LITERAL" || type === "BLOCK_FOLDED" ? `${plain(value)}\n` : plain(value);
}

function insert(
  source: string,
  document: Document,
  map: YAMLMap,
  name: string,
  value: SettingValue,
): string {
  const key = map.items.at(-1)?.key as Scalar | undefined;
  const line = source.slice(source.lastIndexOf("\n", (key?.range?.[0] ?? 0) - 1) + 1);
  const indent = /^[ \t]*/.exec(line)?.[0] ?? "";
  if (map.flow !== true) return append(source, document, `${indent}${name}: ${plain(value)}`);
  const end = (map.range?.[1] ?? source.length) - 1;
  const before = source.slice(0, end).trimEnd();
  const comma = map.items.length === 0 || before.endsWith(",") ? "" : ",";
  const gap = before.includes("\n") ? `\n${indent}` : comma === "" ? "" : " ";
  const shownKey = key?.type === "QUOTE_DOUBLE" ? JSON.stringify(name) : name;
  const shown = key?.type === "QUOTE_DOUBLE" && typeof value === "string";
  const text = shown ? JSON.stringify(value) : plain(value);
  return cut(source, before.length, before.length, `${comma}${gap}${shownKey}: ${text}`);
}

/** A line at the end of the document. */
function append(source: string, document: Document, line: string): string {
  const newline = source.includes("\r\n") ? "\r\n" : "\n";
  const from = document.range?.[1] ?? 0;
  const marker = /^\.\.\.(?=\s|$)/m.exec(source.slice(from));
  const at = marker === null ? source.length : from + marker.index;
  const isOpen = at > 0 && source[at - 1] !== "\n";
  return cut(source, at, at, `${isOpen ? newline : ""}${line}${newline}`);
}

/** Without quotes where it is certain that YAML takes it for the same. */
function plain(value: SettingValue): string {
  if (typeof value !== "string") return String(value);
  return /^([a-z]+:\/)?\/[\w/:.-]*[\w/.-]$/.test(value) ? value : JSON.stringify(value);
}

function cut(source: string, start: number, end: number, text: string): string {
  return source.slice(0, start) + text + source.slice(end);
}
