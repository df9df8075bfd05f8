import type { CriBackend, Streams } from "../../src/cri/backend.ts";
import { type Field, fieldsOf, type MessageName } from "../../src/cri/json/field-table.ts";
import { IMAGE_METHODS, RUNTIME_METHODS } from "../../src/cri/methods.ts";
import type { CallOptions, ImageService, RuntimeService } from "../../src/cri/services.ts";
import { StatusError } from "../../src/errors/status-error.ts";

/** What a fake backend does with a call; streams yield what it yields. */
export type FakeMethod = (request: never, options: CallOptions) => unknown;

/** A backend of the given methods; every other one is Unimplemented. */
export function fakeBackend(methods: Readonly<Record<string, FakeMethod>>): CriBackend {
  const service = (table: object) =>
    Object.fromEntries(
      Object.keys(table).map((name) => [name, methods[name] ?? unimplemented(table, name)]),
    );
  return {
    kind: "embedded",
    endpoint: "fake:",
    runtime: service(RUNTIME_METHODS) as unknown as RuntimeService,
    images: service(IMAGE_METHODS) as unknown as ImageService,
    streams: {} as Streams,
    imageStore: async () => undefined,
    close: async () => undefined,
  };
}

/** A message with every field set, nested ones down to `depth`: nothing can be lost unseen. */
export function sampleMessage(name: MessageName, depth = 4): Record<string, unknown> {
  return Object.fromEntries(
    fieldsOf(name).map((field, index) => {
      const value = sampleValue(field, index + 1, depth);
      return [field.name, field.repeated ? (value === undefined ? [] : [value, value]) : value];
    }),
  );
}

function sampleValue({ name, type }: Field, seed: number, depth: number): unknown {
  switch (type.kind) {
    case "string":
      return `${name} ä`;
    case "bytes":
      return Buffer.from([0, 255, seed]);
    case "bool":
      return true;
    case "double":
      return seed + 0.5;
    case "int64":
      return -(2n ** 62n) - BigInt(seed);
    case "uint64":
      return 2n ** 63n + BigInt(seed);
    case "enum":
      return type.names.length - 1;
    case "map":
      return { [name]: "x", "": "empty key" };
    case "message":
      return depth === 0 ? undefined : sampleMessage(type.message, depth - 1);
    default:
      return seed * 1000;
  }
}

function unimplemented(table: object, name: string): FakeMethod {
  const error = new StatusError("Unimplemented", `"${name}" is not implemented`);
  const { serverStreaming } = (table as Record<string, { serverStreaming: boolean }>)[name] ?? {};
  if (serverStreaming !== true) return async () => Promise.reject(error);
  // biome-ignore lint/correctness/useYield: it fails before its first message.
  return async function* () {
    throw error;
  };
}
