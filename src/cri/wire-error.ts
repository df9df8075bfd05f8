import { describe } from "../errors/describe.ts";
import { ERRNO_TEXT } from "../errors/errno-text.ts";
import { fromGrpcCode, toGrpcCode } from "../errors/grpc-code.ts";
import { StatusError } from "../errors/status-error.ts";
import type { TransportCall } from "./transport.ts";

/** What the client knows about the call that failed. */
export interface CallFacts {
  /** As a user writes it. */
  endpoint: string;
  /** Name of the RPC: `ListContainers`. */
  method: string;
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

export function callFacts(
  endpoint: string,
  { path, timeoutMs, signal }: Omit<TransportCall, "message">,
): CallFacts {
  return { endpoint, method: path.slice(path.lastIndexOf("/") + 1), timeoutMs, signal };
}

/** A status as gRPC carries it. */
export interface WireStatus {
  code: number;
  details: string;
}

/** Trailers have limited room, and grpc-go refuses a longer block of headers. */
const MAX_DETAILS_BYTES = 4096;

/** How gRPC libraries say that they know no such method, in Go, Rust and here. */
const MISSING_METHOD = /^unknown (service|method)|does not implement the method|^$/i;

/** containerd's answer, of code Unknown, from when it listens until it has found its containers. */
const STARTING = /^server is not initialized yet$/;

const GRPC = {
  cancelled: 1,
  unknown: 2,
  deadlineExceeded: 4,
  unimplemented: 12,
  unavailable: 14,
} as const;

/** The status to send for a failure of a backend: its code, and its message with those of its causes. */
export function toWireStatus(error: unknown): WireStatus {
  const code = error instanceof StatusError ? error.code : "Unknown";
  const { message } = describe(error);
  return { code: toGrpcCode(code), details: cut(message, MAX_DETAILS_BYTES) };
}

/** The StatusError for whatever the gRPC library rejected a call with. */
export function fromWireError(error: unknown, facts: CallFacts): StatusError {
  if (error instanceof StatusError) return error;
  const { code, details } = readStatus(error);
  if (facts.signal?.aborted === true && code === GRPC.cancelled) return cancelled(facts);
  if (code === GRPC.deadlineExceeded && /^Deadline exceeded/.test(details)) return late(facts);
  if (code === GRPC.unavailable) return unavailable(details, facts);
  if (code === GRPC.unknown && STARTING.test(details)) return unavailable(details, facts);
  if (code === GRPC.unimplemented && MISSING_METHOD.test(details)) {
    const message = `"${facts.endpoint}" does not implement "${facts.method}"`;
    return new StatusError("Unimplemented", message);
  }
  const message = withoutNesting(details);
  return new StatusError(fromGrpcCode(code), message || `"${facts.method}" was refused`);
}

/** What an ended signal means: its reason where that is a StatusError, else Cancelled. */
export function cancelled(facts: CallFacts): StatusError {
  const reason: unknown = facts.signal?.reason;
  if (reason instanceof StatusError) return reason;
  return new StatusError("Cancelled", `"${facts.method}" was cancelled`);
}

/** A call on a transport that was closed, before or meanwhile. */
export function closedError(endpoint: string): StatusError {
  return new StatusError("Unavailable", `the connection to "${endpoint}" was closed`);
}

/** No connection at all: the reason by its errno, else by its cause, with what to do about it. */
export function connectError(
  endpoint: string,
  errno: string | undefined,
  cause?: Error,
): StatusError {
  const message = `cannot connect to "${endpoint}"`;
  if (errno === "EACCES" || errno === "EPERM") {
    return new StatusError("PermissionDenied", message, {
      cause: errnoError(errno),
      hint: "run as root, or as a member of the group that owns the socket",
    });
  }
  const daemon = daemonName(endpoint);
  return new StatusError("Unavailable", message, {
    cause: errno === undefined ? cause : errnoError(errno),
    hint: `is ${daemon} running? try --runtime-endpoint with another address, or embedded:`,
  });
}

/** True where the request cannot have reached a server. */
export function isConnectError(error: unknown): boolean {
  return error instanceof StatusError && connectErrno(error) !== undefined;
}

/** True where nothing listens now but may soon: a daemon that is being restarted. */
export function isRefusedConnection(error: unknown): boolean {
  return error instanceof StatusError && connectErrno(error) === "ECONNREFUSED";
}

function unavailable(details: string, facts: CallFacts): StatusError {
  const errno = Object.keys(ERRNO_TEXT).find((name) => new RegExp(`\\b${name}\\b`).test(details));
  if (/^Name resolution failed/.test(details)) return connectError(facts.endpoint, "ENOTFOUND");
  if (/^No connection established/.test(details)) return connectError(facts.endpoint, errno);
  if (/Connection dropped|Stream refused|GOAWAY|ECONNRESET|EPIPE/i.test(details)) {
    return new StatusError("Unavailable", `lost the connection to "${facts.endpoint}"`, {
      hint: `was ${daemonName(facts.endpoint)} stopped? "${facts.method}" may or may not have been done`,
    });
  }
  return new StatusError("Unavailable", withoutNesting(details) || `"${facts.method}" was refused`);
}

function late(facts: CallFacts): StatusError {
  const seconds = Number((facts.timeoutMs / 1000).toPrecision(6));
  const message = `no answer to "${facts.method}" from "${facts.endpoint}" within ${seconds} s`;
  return new StatusError("DeadlineExceeded", message, { hint: "raise the limit with --timeout" });
}

function readStatus(error: unknown): WireStatus {
  if (typeof error !== "object" || error === null) return { code: 2, details: String(error) };
  const { code, details, message } = error as {
    code?: unknown;
    details?: unknown;
    message?: unknown;
  };
  const text = typeof details === "string" ? details : String(message ?? error);
  return { code: typeof code === "number" ? code : 2, details: text };
}

/** Go servers wrap the status of an inner call as text: what counts is what it says. */
function withoutNesting(details: string): string {
  return details.replaceAll(/rpc error: code = \w+ desc = /g, "").trim();
}

function errnoError(errno: string): Error {
  return Object.assign(new Error(ERRNO_TEXT[errno] ?? errno), { code: errno });
}

function connectErrno(error: StatusError): string | undefined {
  const cause: unknown = error.cause;
  if (!(cause instanceof Error) || !("code" in cause)) return undefined;
  return typeof cause.code === "string" ? cause.code : undefined;
}

function daemonName(endpoint: string): string {
  if (/cri-dockerd/.test(endpoint)) return "cri-dockerd";
  if (/containerd/.test(endpoint)) return "containerd";
  if (/crio/.test(endpoint)) return "CRI-O";
  return "the container runtime";
}

function cut(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text);
  return bytes.length <= maxBytes ? text : `${bytes.subarray(0, maxBytes - 3).toString()}…`;
}
