/**
 * src/cri/json: protobuf's JSON mapping of the contract's messages, as crictl prints and reads them.
 * It knows the fields from a table generated from the proto; codecs stay apart, so that a verb
 * without JSON loads none of this. Specification: protobuf "ProtoJSON format".
 */
import { ENUMS, FIELDS } from "../gen/runtime/v1/fields.ts";

/** A message of the contract by its name: `PodSandboxConfig`. */
export type MessageName = keyof typeof FIELDS;

export interface Field {
  /** As in the proto: `log_directory`. */
  readonly protoName: string;
  /** As in JSON and in the TypeScript types: `logDirectory`. */
  readonly name: string;
  readonly type: FieldType;
  readonly repeated: boolean;
}

/** A map is always from string to string: the contract has no other. */
export type FieldType =
  | { readonly kind: ScalarKind | "map" }
  /** Names in the order of their numbers, from 0. */
  | { readonly kind: "enum"; readonly names: readonly string[] }
  | { readonly kind: "message"; readonly message: MessageName };

export type ScalarKind = "string" | "bytes" | "bool" | "double" | IntegerKind;
export type IntegerKind = "int32" | "uint32" | "int64" | "uint64";

const SCALARS: ReadonlySet<string> = new Set<ScalarKind>([
  "string",
  "bytes",
  "bool",
  "double",
  "int32",
  "uint32",
  "int64",
  "uint64",
]);

/** Messages whose fields somebody has asked for: to parse all of them takes a millisecond. */
const parsed = new Map<MessageName, readonly Field[]>();

/** The fields of a message in the proto's order. */
export function fieldsOf(message: MessageName): readonly Field[] {
  const known = parsed.get(message);
  if (known !== undefined) return known;
  const fields = FIELDS[message].split(" ").filter(Boolean).map(parseField);
  parsed.set(message, fields);
  return fields;
}

function parseField(text: string): Field {
  const [protoName = "", typed = ""] = text.split(":");
  const repeated = typed.endsWith("[]");
  const name = protoName.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase());
  return { protoName, name, type: parseType(repeated ? typed.slice(0, -2) : typed), repeated };
}

function parseType(type: string): FieldType {
  if (type === "map" || SCALARS.has(type)) return { kind: type as ScalarKind | "map" };
  const names = (ENUMS as Readonly<Record<string, string>>)[type];
  if (names !== undefined) return { kind: "enum", names: names.split(" ") };
  return { kind: "message", message: type as MessageName };
}
