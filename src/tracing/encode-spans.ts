import { BinaryWriter } from "@bufbuild/protobuf/wire";
import type { EndedSpan, SpanAttributes } from "./tracer.ts";

export interface SpanSource {
  readonly name: string;
  readonly version: string;
  /** Facts of the process: `host.name`. */
  readonly attributes: SpanAttributes;
}

/** Field numbers of opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest and below. */
const KIND = { internal: 1, client: 3 } as const;
const STATUS_ERROR = 2;

/** Spans of one process as an ExportTraceServiceRequest. */
export function encodeSpans(spans: readonly EndedSpan[], source: SpanSource): Uint8Array {
  const writer = new BinaryWriter();
  message(writer, 1, (resourceSpans) => {
    message(resourceSpans, 1, (resource) => {
      const own = { "service.name": source.name, "service.version": source.version };
      attributes(resource, 1, { ...own, ...source.attributes });
    });
    message(resourceSpans, 2, (scopeSpans) => {
      message(scopeSpans, 1, (scope) => {
        text(scope, 1, source.name);
        text(scope, 2, source.version);
      });
      for (const span of spans) message(scopeSpans, 2, (inner) => writeSpan(inner, span));
    });
  });
  return writer.finish();
}

function writeSpan(writer: BinaryWriter, span: EndedSpan): void {
  writer.uint32(tag(1, LENGTH_DELIMITED)).bytes(Buffer.from(span.traceId, "hex"));
  writer.uint32(tag(2, LENGTH_DELIMITED)).bytes(Buffer.from(span.spanId, "hex"));
  if (span.parentSpanId !== undefined) {
    writer.uint32(tag(4, LENGTH_DELIMITED)).bytes(Buffer.from(span.parentSpanId, "hex"));
  }
  text(writer, 5, span.name);
  writer.uint32(tag(6, VARINT)).int32(KIND[span.kind]);
  writer.uint32(tag(7, FIXED_64)).fixed64(span.startNs);
  writer.uint32(tag(8, FIXED_64)).fixed64(span.endNs);
  attributes(writer, 9, span.attributes);
  const { failure } = span;
  if (failure === undefined) return;
  message(writer, 15, (status) => {
    text(status, 2, failure);
    status.uint32(tag(3, VARINT)).int32(STATUS_ERROR);
  });
}

function attributes(writer: BinaryWriter, field: number, values: SpanAttributes): void {
  for (const [key, value] of Object.entries(values)) {
    message(writer, field, (pair) => {
      text(pair, 1, key);
      message(pair, 2, (any) => {
        if (typeof value === "string") text(any, 1, value);
        else if (typeof value === "boolean") any.uint32(tag(2, VARINT)).bool(value);
        else if (Number.isInteger(value)) any.uint32(tag(3, VARINT)).int64(value);
        else any.uint32(tag(4, FIXED_64)).double(value);
      });
    });
  }
}

const VARINT = 0;
const FIXED_64 = 1;
const LENGTH_DELIMITED = 2;

function tag(field: number, wireType: number): number {
  return (field << 3) | wireType;
}

function text(writer: BinaryWriter, field: number, value: string): void {
  writer.uint32(tag(field, LENGTH_DELIMITED)).string(value);
}

function message(writer: BinaryWriter, field: number, write: (inner: BinaryWriter) => void): void {
  const inner = new BinaryWriter();
  write(inner);
  writer.uint32(tag(field, LENGTH_DELIMITED)).bytes(inner.finish());
}
