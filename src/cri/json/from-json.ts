import { nearestName } from "../../errors/nearest-name.ts";
import { StatusError } from "../../errors/status-error.ts";
import type * as Api from "../gen/runtime/v1/api.ts";
import type { Codec } from "../methods.ts";
import { type Field, type FieldType, fieldsOf, type MessageName } from "./field-table.ts";
import { parseScalar } from "./parse-scalar.ts";

export interface FromJsonOptions {
  /** The file the value was read from, for messages. */
  file?: string | undefined;
  /** Where in the file the value at a path starts, or its key where it has one. */
  locate?: (path: JsonPath) => { line: number; column: number } | undefined;
}

/** Names and indexes that lead to a value: `["mounts", 0, "host_path"]`. */
export type JsonPath = readonly (string | number)[];

/** The generated type of a message by its name. */
export type MessageOf<Name extends MessageName> =
  (typeof Api)[Name] extends Codec<infer Message> ? Message : never;

/**
 * A whole message from parsed JSON or YAML, absent fields at their defaults. Fields may be written
 * as in the proto (`log_directory`) or as in JSON (`logDirectory`), enums by name or number, 64-bit
 * integers as number, bigint or string; null is the default. Values of environment variables are
 * plain text. Throws InvalidArgument with the place and path of what it does not understand, the
 * nearest name as hint where one is near.
 */
export function fromJson<Name extends MessageName>(
  message: Name,
  value: unknown,
  options: FromJsonOptions = {},
): MessageOf<Name> {
  return readMessage(message, value, { options, path: [] }) as MessageOf<Name>;
}

/** Where the reader is. */
interface Place {
  readonly options: FromJsonOptions;
  readonly path: JsonPath;
}

function readMessage(message: MessageName, value: unknown, place: Place): object {
  const entries = readObject(value, place);
  const fields = fieldsOf(message);
  const result: Record<string, unknown> = {};
  for (const field of fields) result[field.name] = defaultOf(field);
  const seen = new Set<Field>();
  for (const [key, item] of entries) {
    const here = below(place, key);
    const field = fields.find(({ protoName, name }) => key === protoName || key === name);
    if (field === undefined) throw unknownField(fields, key, here);
    if (seen.has(field)) throw invalid(here, "it is given twice");
    seen.add(field);
    if (item === null || item === undefined) continue;
    result[field.name] = readField(message, field, item, here);
  }
  return result;
}

function readField(message: MessageName, field: Field, value: unknown, place: Place): unknown {
  // Everybody writes FOO=bar as text: base64, as the mapping has it, would surprise them all.
  if (message === "KeyValue" && field.name === "value" && typeof value === "string") {
    return new Uint8Array(Buffer.from(value));
  }
  if (!field.repeated) return readValue(field.type, value, place);
  if (!Array.isArray(value)) throw invalid(place, `expected a list, got ${kindOf(value)}`);
  return value.map((item, index) => readValue(field.type, item, below(place, index)));
}

function readValue(type: FieldType, value: unknown, place: Place): unknown {
  if (type.kind === "message") return readMessage(type.message, value, place);
  if (type.kind === "map") return readMap(value, place);
  if (type.kind === "enum") return readEnum(type.names, value, place);
  const parsed = parseScalar(type.kind, value);
  if (parsed.ok) return parsed.value;
  const { got = kindOf(value) } = parsed;
  throw invalid(place, `expected ${parsed.expected}, got ${got}`, parsed.hint);
}

function readMap(value: unknown, place: Place): Record<string, string> {
  return Object.fromEntries(
    readObject(value, place).map(([key, item]) => {
      if (typeof item === "string") return [key, item];
      const hint = item instanceof Object ? undefined : `write it in quotes: "${String(item)}"`;
      throw invalid(below(place, key), `expected a string, got ${kindOf(item)}`, hint);
    }),
  );
}

function readEnum(names: readonly string[], value: unknown, place: Place): number {
  if (typeof value === "number" || typeof value === "bigint") {
    if (Number.isInteger(Number(value)) && value >= 0 && value < names.length) return Number(value);
    throw invalid(place, `unknown number ${value}`, `it is one of 0 to ${names.length - 1}`);
  }
  if (typeof value !== "string") throw invalid(place, `expected a name, got ${kindOf(value)}`);
  const number = names.indexOf(value);
  if (number !== -1) return number;
  const near = nearestName(value, names);
  throw invalid(place, `unknown value "${value}"`, near ? didYouMean(near) : oneOf(names));
}

function readObject(value: unknown, place: Place): [string, unknown][] {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return Object.entries(value);
  }
  throw invalid(place, `expected an object, got ${kindOf(value)}`);
}

function defaultOf({ type, repeated }: Field): unknown {
  if (repeated) return [];
  switch (type.kind) {
    case "string":
      return "";
    case "bytes":
      return new Uint8Array(0);
    case "bool":
      return false;
    case "int64":
    case "uint64":
      return 0n;
    case "map":
      return {};
    case "message":
      return undefined;
    default:
      return 0;
  }
}

function unknownField(fields: readonly Field[], key: string, place: Place): StatusError {
  const names = fields.map((field) => (/[A-Z]/.test(key) ? field.name : field.protoName));
  const near = nearestName(key, names);
  const hint = near === undefined ? oneOf(names) : didYouMean(near);
  return problem(place, `unknown field "${formatPath(place.path)}"`, hint);
}

function invalid(place: Place, what: string, hint?: string): StatusError {
  const path = formatPath(place.path);
  return problem(place, path === "" ? what : `field "${path}": ${what}`, hint);
}

function problem({ options, path }: Place, what: string, hint?: string): StatusError {
  const at = options.locate?.(path);
  const where = [options.file, at?.line, at?.column].filter((part) => part !== undefined);
  const message = where.length === 0 ? what : `${where.join(":")}: ${what}`;
  return new StatusError("InvalidArgument", message, hint === undefined ? {} : { hint });
}

function below(place: Place, step: string | number): Place {
  return { options: place.options, path: [...place.path, step] };
}

function formatPath(path: JsonPath): string {
  return path
    .map((step, index) => (typeof step === "number" ? `[${step}]` : `${index ? "." : ""}${step}`))
    .join("");
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "bigint") return "a number";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

function didYouMean(name: string): string {
  return `did you mean "${name}"?`;
}

function oneOf(names: readonly string[]): string {
  const shown = names.slice(0, 12).join(", ");
  return names.length === 0
    ? "there are no fields here"
    : `there is ${shown}${names.length > 12 ? ", …" : ""}`;
}
