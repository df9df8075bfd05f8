import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runOk } from "./run.ts";

/** Messages on the wire to documents, by buf and not by the program that is tested. */
export interface ProtobufJson {
  /** The message as protobuf's JSON mapping has it with default values emitted. */
  toJson(message: string, wire: Uint8Array): Promise<JsonObject>;
}

export type JsonObject = Record<string, unknown>;

interface Field {
  readonly jsonName: string;
  readonly type: string;
  readonly typeName?: string;
  readonly label: string;
}

interface MessageType {
  readonly name: string;
  readonly field?: readonly Field[];
  readonly nestedType?: readonly MessageType[];
  readonly options?: { readonly mapEntry?: boolean };
}

interface EnumType {
  readonly name: string;
  readonly value: readonly { readonly name: string }[];
}

interface DescriptorSet {
  readonly file: readonly {
    readonly package: string;
    readonly messageType?: readonly MessageType[];
    readonly enumType?: readonly EnumType[];
  }[];
}

/** Builds the descriptors of CRI into the directory. */
export async function openProtobufJson(directory: string): Promise<ProtobufJson> {
  const proto = join(import.meta.dirname, "../../src/cri/proto");
  const image = join(directory, "cri.binpb");
  const env = { PATH: process.env.PATH, HOME: directory };
  await runOk("buf", ["build", proto, "-o", image], { env });
  const built = await runOk("buf", ["build", proto, "-o", "-#format=json"], { env });
  const types = collectTypes(JSON.parse(built.stdout) as DescriptorSet);
  return {
    async toJson(message, wire) {
      const type = `runtime.v1.${message}`;
      const file = join(directory, "message.binpb");
      await writeFile(file, wire);
      const args = ["convert", image, "--type", type, "--from", file, "--to", "-#format=json"];
      const { stdout } = await runOk("buf", args, { env });
      return emitDefaults(JSON.parse(stdout) as JsonObject, `.${type}`, types);
    },
  };
}

interface Types {
  readonly messages: ReadonlyMap<string, MessageType>;
  readonly enums: ReadonlyMap<string, EnumType>;
}

function collectTypes({ file }: DescriptorSet): Types {
  const messages = new Map<string, MessageType>();
  const enums = new Map<string, EnumType>();
  const collect = (type: MessageType, scope: string): void => {
    messages.set(`${scope}.${type.name}`, type);
    for (const nested of type.nestedType ?? []) collect(nested, `${scope}.${type.name}`);
  };
  for (const { package: name, messageType = [], enumType = [] } of file) {
    for (const type of messageType) collect(type, `.${name}`);
    for (const type of enumType) enums.set(`.${name}.${type.name}`, type);
  }
  return { messages, enums };
}

/**
 * buf leaves out what has its default. Put back are all fields but messages that are unset: in that
 * they differ from those that are there and empty.
 */
function emitDefaults(document: JsonObject, typeName: string, types: Types): JsonObject {
  const whole: JsonObject = {};
  for (const field of types.messages.get(typeName)?.field ?? []) {
    const value = document[field.jsonName] ?? defaultOf(field, types);
    if (value !== undefined) whole[field.jsonName] = withDefaults(value, field, types);
  }
  return whole;
}

function withDefaults(value: unknown, field: Field, types: Types): unknown {
  const { typeName = "" } = field;
  if (field.type !== "TYPE_MESSAGE") return value;
  if (isMap(field, types)) return value; // those of CRI have scalars as values
  return Array.isArray(value)
    ? value.map((each) => emitDefaults(each as JsonObject, typeName, types))
    : emitDefaults(value as JsonObject, typeName, types);
}

function defaultOf(field: Field, types: Types): unknown {
  if (isMap(field, types)) return {};
  if (field.label === "LABEL_REPEATED") return [];
  switch (field.type) {
    case "TYPE_MESSAGE":
      return undefined;
    case "TYPE_ENUM":
      return types.enums.get(field.typeName ?? "")?.value[0]?.name;
    case "TYPE_STRING":
    case "TYPE_BYTES":
      return "";
    case "TYPE_BOOL":
      return false;
    case "TYPE_INT64":
    case "TYPE_UINT64":
      return "0";
    default:
      return 0;
  }
}

function isMap({ typeName }: Field, { messages }: Types): boolean {
  return messages.get(typeName ?? "")?.options?.mapEntry === true;
}
