import { type StatusCode, StatusError } from "../../errors/status-error.ts";

const CODES: Readonly<Record<string, StatusCode>> = {
  ENOENT: "NotFound",
  ENOTDIR: "NotFound",
  EEXIST: "AlreadyExists",
  EPERM: "PermissionDenied",
  EACCES: "PermissionDenied",
  ENOSPC: "ResourceExhausted",
  EDQUOT: "ResourceExhausted",
  ENOMEM: "ResourceExhausted",
  EBUSY: "FailedPrecondition",
  EROFS: "FailedPrecondition",
  ECONNREFUSED: "Unavailable",
};

/** What libc refused, as a StatusError whose cause carries the errno's name as `code`. */
export function errnoError(message: string, errno: number): StatusError {
  const name = nameOf(errno) ?? `errno ${errno}`;
  const cause: NodeJS.ErrnoException = Object.assign(new Error(name), { code: name, errno });
  return new StatusError(CODES[name] ?? "Internal", message, { cause });
}

/** Looked up when something has failed: a table of them would be made at every start. */
function nameOf(errno: number): string | undefined {
  const { errno: numbers } = process.getBuiltinModule("node:os").constants;
  return Object.entries(numbers).find(([, number]) => number === errno)?.[0];
}

/** The errno's name (`EBUSY`) of a failed system call, ours or Node's; undefined for other errors. */
export function errnoName(error: unknown): string | undefined {
  const source = error instanceof StatusError ? error.cause : error;
  if (!(source instanceof Error) || !("code" in source)) return undefined;
  return typeof source.code === "string" ? source.code : undefined;
}

/** Whether it failed for a full disk, or a quota that is used up. */
export function isOutOfSpace(error: unknown): boolean {
  const name = errnoName(error);
  return name === "ENOSPC" || name === "EDQUOT";
}

/** What else to say of a full disk, which the system's error does not name; undefined for other errors. */
export function fullDiskHint(error: unknown): string | undefined {
  return isOutOfSpace(error)
    ? "crish writes to its root and its state directory (crish info): df -h and df -i tell which is full"
    : undefined;
}

/**
 * Any failure as a StatusError: one that is a StatusError already stays as it is, a failed system
 * call gets the code of its errno, all else is Internal.
 */
export function toStatusError(error: unknown, message: string): StatusError {
  if (error instanceof StatusError) return error;
  const code = CODES[errnoName(error) ?? ""] ?? "Internal";
  // What a path in the request was refused for is not "no such object".
  return new StatusError(code === "NotFound" ? "FailedPrecondition" : code, message, {
    cause: error,
    hint: fullDiskHint(error),
  });
}
