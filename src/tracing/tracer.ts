/**
 * src/tracing: what a command did and which calls it made, as spans of OpenTelemetry for a collector
 * that speaks OTLP over gRPC. It loads where tracing is on and knows no command. The few messages are
 * written here: OpenTelemetry's own exporter cannot be bundled into one executable.
 * Specification: OpenTelemetry protocol 1 (opentelemetry/proto), W3C Trace Context.
 */
import { randomBytes } from "node:crypto";
import { describe } from "../errors/describe.ts";
import { toGrpcCode } from "../errors/grpc-code.ts";
import { StatusError } from "../errors/status-error.ts";

export interface Span {
  /** As the header `traceparent` has it: what a call takes along. */
  readonly traceparent: string;
  /** Marks it as failed. */
  fail(error: unknown): void;
  /** Ends it now. Idempotent. */
  end(): void;
}

export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

export interface SpanStart {
  readonly name: string;
  readonly kind: "internal" | "client";
  readonly attributes?: SpanAttributes;
  /** Absent: the process's own parent, where the environment names one, else none. */
  readonly parent?: Span;
}

/** A span that has ended, as it is sent. IDs are hexadecimal, times nanoseconds since 1970. */
export interface EndedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly kind: "internal" | "client";
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly attributes: SpanAttributes;
  /** Of a span that failed. */
  readonly failure: string | undefined;
}

export interface Tracer {
  start(start: SpanStart): Span;
  /** Sends what has ended since the last time. Rejects with StatusError where nobody takes it. */
  flush(): Promise<void>;
}

export interface TracerOptions {
  /** The header of a parent outside, as in the variable TRACEPARENT; one that is malformed counts as none. */
  readonly traceparent?: string | undefined;
  /** Traces in a million that are kept; -1 for all. A parent that is kept keeps its children. */
  readonly samplesPerMillion: number;
  send(spans: readonly EndedSpan[]): Promise<void>;
}

const MILLION = 1_000_000;
const SAMPLED = 1;

export function createTracer({ traceparent, samplesPerMillion, send }: TracerOptions): Tracer {
  const outside = parseTraceparent(traceparent);
  const traceId = outside?.traceId ?? randomBytes(16).toString("hex");
  const isKept = outside?.isSampled ?? isSampled(traceId, samplesPerMillion);
  const parents = new WeakMap<Span, string>();
  let ended: EndedSpan[] = [];
  return {
    start({ name, kind, attributes = {}, parent }) {
      const spanId = randomBytes(8).toString("hex");
      const startNs = nowNs();
      const parentSpanId = parent === undefined ? outside?.spanId : parents.get(parent);
      let failure: string | undefined;
      let facts = attributes;
      let isOpen = true;
      const span: Span = {
        traceparent: `00-${traceId}-${spanId}-${isKept ? "01" : "00"}`,
        fail(error) {
          failure = describe(error).message;
          if (kind === "client" && error instanceof StatusError) {
            facts = { ...facts, "rpc.grpc.status_code": toGrpcCode(error.code) };
          }
        },
        end() {
          if (!isOpen) return;
          isOpen = false;
          if (!isKept) return;
          const endNs = nowNs();
          ended.push({
            traceId,
            spanId,
            parentSpanId,
            name,
            kind,
            startNs,
            endNs,
            attributes: facts,
            failure,
          });
        },
      };
      parents.set(span, spanId);
      return span;
    },
    async flush() {
      const spans = ended;
      ended = [];
      if (spans.length > 0) await send(spans);
    },
  };
}

interface OutsideParent {
  readonly traceId: string;
  readonly spanId: string;
  readonly isSampled: boolean;
}

/** W3C Trace Context, section 3.2; IDs of zeros alone are invalid. */
function parseTraceparent(text: string | undefined): OutsideParent | undefined {
  const match = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/.exec(
    text ?? "",
  );
  const [, traceId = "", spanId = "", flags = ""] = match ?? [];
  if (match === null || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & SAMPLED) !== 0 };
}

/** The same trace is kept by everybody who decides by its ID. */
function isSampled(traceId: string, perMillion: number): boolean {
  if (perMillion < 0 || perMillion >= MILLION) return true;
  const share = Number(BigInt(`0x${traceId.slice(16)}`) >> 11n) / 2 ** 53;
  return share < perMillion / MILLION;
}

function nowNs(): bigint {
  const nowMs = performance.timeOrigin + performance.now();
  return BigInt(Math.round(nowMs * 1000)) * 1000n;
}
