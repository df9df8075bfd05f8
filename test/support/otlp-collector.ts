import { BinaryReader } from "@bufbuild/protobuf/wire";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import type { Cleanup } from "./cleanup.ts";

/** A span as the collector got it. IDs are hexadecimal. */
export interface CollectedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: number;
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly attributes: Readonly<Record<string, string | bigint>>;
  readonly status: { readonly code: number; readonly message: string };
}

export interface OtlpCollector {
  /** HOST:PORT. */
  readonly address: string;
  readonly spans: readonly CollectedSpan[];
  /** Attributes of the process that sent them. */
  readonly resource: Readonly<Record<string, string | bigint>>;
}

/** A collector of OpenTelemetry spans over gRPC, whose reader of messages knows nothing of their writer. */
export async function startOtlpCollector(cleanup: Cleanup): Promise<OtlpCollector> {
  const spans: CollectedSpan[] = [];
  const resource: Record<string, string | bigint> = {};
  const server = new Server();
  const same = (bytes: Buffer) => bytes;
  server.addService(
    {
      export: {
        path: "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
        requestStream: false,
        responseStream: false,
        requestSerialize: same,
        requestDeserialize: same,
        responseSerialize: same,
        responseDeserialize: same,
      },
    },
    {
      export: (call: { request: Buffer }, answer: (error: null, bytes: Buffer) => void) => {
        for (const resourceSpans of readFields(call.request).get(1) ?? []) {
          const parts = readFields(resourceSpans);
          for (const each of parts.get(1) ?? []) Object.assign(resource, readAttributes(each, 1));
          for (const scope of parts.get(2) ?? []) {
            for (const span of readFields(scope).get(2) ?? []) spans.push(readSpan(span));
          }
        }
        answer(null, Buffer.alloc(0));
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  cleanup.add("the collector", async () => server.forceShutdown());
  return { address: `127.0.0.1:${port}`, spans, resource };
}

type Fields = ReadonlyMap<number, readonly Uint8Array[]>;

/** Every field as bytes: numbers as eight of them. */
function readFields(bytes: Uint8Array): Fields {
  const reader = new BinaryReader(bytes);
  const fields = new Map<number, Uint8Array[]>();
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    const value = Buffer.alloc(8);
    if (wireType === 0) value.writeBigUInt64LE(BigInt(reader.uint64()));
    else if (wireType === 1) value.writeBigUInt64LE(BigInt(reader.fixed64()));
    const list = fields.get(field) ?? [];
    list.push(wireType === 2 ? reader.bytes() : value);
    fields.set(field, list);
  }
  return fields;
}

function readSpan(bytes: Uint8Array): CollectedSpan {
  const fields = readFields(bytes);
  const first = (field: number) => Buffer.from(fields.get(field)?.[0] ?? Buffer.alloc(8));
  const status = readFields(fields.get(15)?.[0] ?? Buffer.alloc(0));
  return {
    traceId: first(1).toString("hex"),
    spanId: first(2).toString("hex"),
    parentSpanId: fields.has(4) ? first(4).toString("hex") : "",
    name: first(5).toString(),
    kind: Number(first(6).readBigUInt64LE()),
    startNs: first(7).readBigUInt64LE(),
    endNs: first(8).readBigUInt64LE(),
    attributes: readAttributes(bytes, 9),
    status: {
      code: Number(Buffer.from(status.get(3)?.[0] ?? Buffer.alloc(8)).readBigUInt64LE()),
      message: Buffer.from(status.get(2)?.[0] ?? []).toString(),
    },
  };
}

function readAttributes(bytes: Uint8Array, field: number): Record<string, string | bigint> {
  const attributes: Record<string, string | bigint> = {};
  for (const pair of readFields(bytes).get(field) ?? []) {
    const parts = readFields(pair);
    const value = readFields(parts.get(2)?.[0] ?? Buffer.alloc(0));
    const text = value.get(1)?.[0];
    const number = value.get(3)?.[0];
    const key = Buffer.from(parts.get(1)?.[0] ?? []).toString();
    if (text !== undefined) attributes[key] = Buffer.from(text).toString();
    else if (number !== undefined) attributes[key] = Buffer.from(number).readBigUInt64LE();
  }
  return attributes;
}
