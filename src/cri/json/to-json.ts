import { type Field, type FieldType, fieldsOf, type MessageName } from "./field-table.ts";

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | JsonValue[]
  | { [key: string]: JsonValue };

/**
 * A message as protobuf's JSON mapping has it, as crictl's lists do: camelCase names, defaults
 * written out, unset messages left out, 64-bit integers as strings, enums by name (by number where
 * the number is unknown), bytes as base64.
 */
export function toJson(message: MessageName, value: object): { [key: string]: JsonValue } {
  const fields = value as Readonly<Record<string, unknown>>;
  const json: { [key: string]: JsonValue } = {};
  for (const field of fieldsOf(message)) {
    const fieldValue = fields[field.name];
    if (fieldValue !== undefined) json[field.name] = fieldToJson(field, fieldValue);
  }
  return json;
}

function fieldToJson(field: Field, value: unknown): JsonValue {
  if (!field.repeated) return valueToJson(field.type, value);
  return (value as readonly unknown[]).map((item) => valueToJson(field.type, item));
}

function valueToJson(type: FieldType, value: unknown): JsonValue {
  switch (type.kind) {
    case "message":
      return toJson(type.message, value as object);
    case "enum":
      return type.names[value as number] ?? (value as number);
    case "bytes":
      return Buffer.from(value as Uint8Array).toString("base64");
    case "int64":
    case "uint64":
      return String(value);
    case "double":
      return Number.isFinite(value) ? (value as number) : String(value);
    case "map":
      return Object.fromEntries(Object.entries(value as Record<string, string>));
    default:
      return value as JsonValue;
  }
}
