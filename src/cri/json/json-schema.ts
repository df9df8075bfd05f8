import { DESCRIPTIONS } from "../gen/runtime/v1/descriptions.ts";
import { type Field, type FieldType, fieldsOf, type MessageName } from "./field-table.ts";
import { INTEGER_RANGES } from "./parse-scalar.ts";

type Schema = Readonly<Record<string, unknown>>;

/** What a file must have at least, by the message that it holds: path to names. */
const REQUIRED: Partial<Record<MessageName, Schema>> = {
  PodSandboxConfig: {
    required: ["metadata"],
    properties: { metadata: { required: ["name", "namespace"] } },
  },
  ContainerConfig: {
    required: ["metadata", "image"],
    properties: { metadata: { required: ["name"] }, image: { required: ["image"] } },
  },
};

/**
 * A JSON Schema, draft 2020-12, of the files that fromJson reads as this message: names as in the
 * proto, which editors offer, or as in JSON, enums by name or number, 64-bit integers also as text,
 * null for what is absent, and nothing that is no field. Only the range of an integer in text, and that a
 * field must not be given in both spellings, are not said.
 */
export function jsonSchemaOf(message: MessageName): Schema {
  const defined = new Map<MessageName, Schema>();
  define(message, defined);
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: message,
    $ref: referenceTo(message),
    ...REQUIRED[message],
    $defs: Object.fromEntries([...defined].sort(([left], [right]) => (left < right ? -1 : 1))),
  };
}

/** Each message once: they refer to each other. */
function define(message: MessageName, defined: Map<MessageName, Schema>): void {
  if (defined.has(message)) return;
  const fields = fieldsOf(message);
  const properties = fields.map((field) => [field.protoName, fieldSchema(message, field)] as const);
  const others = fields
    .filter(({ protoName, name }) => protoName !== name)
    .map(({ protoName, name }) => {
      return [`^${name}$`, { $ref: `${referenceTo(message)}/properties/${protoName}` }] as const;
    });
  defined.set(message, {
    type: "object",
    ...description(message),
    properties: Object.fromEntries(properties),
    ...(others.length === 0 ? {} : { patternProperties: Object.fromEntries(others) }),
    additionalProperties: false,
  });
  for (const { type } of fields) if (type.kind === "message") define(type.message, defined);
}

function fieldSchema(message: MessageName, field: Field): Schema {
  const about = description(`${message}.${field.protoName}`);
  const isText = message === "KeyValue" && field.name === "value";
  const one = isText ? { type: "string" } : typeSchema(field.type);
  const whole = field.repeated ? { type: "array", items: one } : one;
  return { ...about, anyOf: [whole, { type: "null" }] };
}

function typeSchema(type: FieldType): Schema {
  switch (type.kind) {
    case "message":
      return { $ref: referenceTo(type.message) };
    case "map":
      return { type: "object", additionalProperties: { type: "string" } };
    case "enum": {
      const numbers = { type: "integer", minimum: 0, maximum: type.names.length - 1 };
      return { anyOf: [{ enum: type.names }, numbers] };
    }
    case "string":
      return { type: "string" };
    case "bool":
      return { type: "boolean" };
    case "bytes":
      return { type: "string", pattern: "^[A-Za-z0-9+/_-]*={0,2}$" };
    case "double":
      return { anyOf: [{ type: "number" }, { enum: ["NaN", "Infinity", "-Infinity"] }] };
    default: {
      const [minimum, maximum] = INTEGER_RANGES[type.kind];
      const number = { type: "integer", minimum, maximum };
      const sign = minimum < 0n ? "-?" : "";
      return { anyOf: [number, { type: "string", pattern: `^${sign}[0-9]{1,20}$` }] };
    }
  }
}

function referenceTo(message: MessageName): string {
  return `#/$defs/${message}`;
}

function description(name: string): Schema {
  const text = DESCRIPTIONS[name];
  return text === undefined ? {} : { description: text };
}
