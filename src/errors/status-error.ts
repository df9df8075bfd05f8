/**
 * The one error class of crish. Its code is one of gRPC's closed set, so an error means the same
 * in a command, in the embedded runtime and on the wire.
 *
 * The message says what could not be done, with the ID or path in double quotes, in lower case and
 * without a full stop. Each layer that adds a fact wraps the error below it as `cause`. The hint,
 * where there is one, says what to do next. Neither ever holds a secret.
 */
export class StatusError extends Error {
  readonly code: StatusCode;
  readonly hint: string | undefined;

  constructor(code: StatusCode, message: string, options: StatusErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "StatusError";
    this.code = code;
    this.hint = options.hint;
  }
}

export interface StatusErrorOptions {
  cause?: unknown;
  /** What the user can do next, one line. */
  hint?: string | undefined;
}

/** The gRPC status codes (google.rpc.Code), without OK, in the order of their numbers 1 to 16. */
export const STATUS_CODES = [
  "Cancelled",
  "Unknown",
  "InvalidArgument",
  "DeadlineExceeded",
  "NotFound",
  "AlreadyExists",
  "PermissionDenied",
  "ResourceExhausted",
  "FailedPrecondition",
  "Aborted",
  "OutOfRange",
  "Unimplemented",
  "Internal",
  "Unavailable",
  "DataLoss",
  "Unauthenticated",
] as const;

export type StatusCode = (typeof STATUS_CODES)[number];

/** True for a StatusError with that code. */
export function hasCode(error: unknown, code: StatusCode): error is StatusError {
  return error instanceof StatusError && error.code === code;
}
