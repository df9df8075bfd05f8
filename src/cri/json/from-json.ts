import { nearestName } from "../../errors/nearest-name.ts";
import type { StatusError } from "../../errors/status-error.ts";
import type * as Api from "../gen/runtime/v1/api.ts";
import type { Codec } from "../methods.ts";
import { type Field, type FieldType, fieldsOf, type MessageName } from "./field-table.ts";
import { parseScalar } from "./parse-scalar.ts";
import {
  below,
  didYouMean,
  type FromJsonOptions,
  invalid,
  kindOf,
  oneOf,
  type Place,
  readObject,
  unknownName,
} from "./place.ts";

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
  return unknownName(place, key, names);
}
