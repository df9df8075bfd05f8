import type { HeaderField } from "../http2/header-field.ts";
import { ERROR } from "../http2/protocol.ts";
import type { WireStatus } from "../wire-error.ts";

const GRPC = {
  cancelled: 1,
  unknown: 2,
  permissionDenied: 7,
  resourceExhausted: 8,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const;

/** What the last headers of a call say; by the HTTP status where they say nothing of gRPC. */
export function statusOfTrailers(fields: readonly HeaderField[], httpStatus: number): WireStatus {
  const status = fieldValue(fields, "grpc-status");
  if (status === undefined) return statusOfHttp(httpStatus);
  return {
    code: Number(status),
    details: percentDecoded(fieldValue(fields, "grpc-message") ?? ""),
  };
}

/** The call is over without a word of gRPC. */
export function statusOfSilence(httpStatus: number): WireStatus {
  if (httpStatus !== 0 && httpStatus !== 200) return statusOfHttp(httpStatus);
  return reset(ERROR.none, "Call ended without gRPC status");
}

/** The mapping of gRPC's own specification, from HTTP status to gRPC code. */
export function statusOfHttp(httpStatus: number): WireStatus {
  return { code: codeOfHttp(httpStatus), details: `Received HTTP status code ${httpStatus}` };
}

export function statusOfReset(errorCode: number, httpStatus: number): WireStatus {
  switch (errorCode) {
    case ERROR.none:
      return statusOfSilence(httpStatus);
    case ERROR.refusedStream:
      return STREAM_REFUSED;
    case ERROR.cancel:
      return { code: GRPC.cancelled, details: "Call cancelled" };
    case ERROR.enhanceYourCalm:
      return {
        code: GRPC.resourceExhausted,
        details: "Bandwidth exhausted or memory limit exceeded",
      };
    case ERROR.inadequateSecurity:
      return { code: GRPC.permissionDenied, details: "Protocol not secure enough" };
    case ERROR.internal:
      return reset(errorCode, "Internal server error");
    default:
      return reset(errorCode);
  }
}

export const STREAM_REFUSED: WireStatus = {
  code: GRPC.unavailable,
  details: "Stream refused by server",
};

export const CONNECTION_DROPPED: WireStatus = {
  code: GRPC.unavailable,
  details: "Connection dropped",
};

/** A stream cut short must not pass for a whole one. */
export const INCOMPLETE_MESSAGE: WireStatus = {
  code: GRPC.internal,
  details: "the answer ends amid a message",
};

function codeOfHttp(httpStatus: number): number {
  if (httpStatus === 400) return GRPC.internal;
  if (httpStatus === 401) return GRPC.unauthenticated;
  if (httpStatus === 403) return GRPC.permissionDenied;
  if (httpStatus === 404) return GRPC.unimplemented;
  if ([429, 502, 503, 504].includes(httpStatus)) return GRPC.unavailable;
  return GRPC.unknown;
}

function reset(errorCode: number, meaning?: string): WireStatus {
  const details = `Received RST_STREAM with code ${errorCode}`;
  return {
    code: GRPC.internal,
    details: meaning === undefined ? details : `${details} (${meaning})`,
  };
}

function fieldValue(fields: readonly HeaderField[], name: string): string | undefined {
  for (const field of fields) if (field.name === name) return field.value;
  return undefined;
}

/** As it stands where it is not percent-encoded UTF-8. */
function percentDecoded(text: string): string {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
