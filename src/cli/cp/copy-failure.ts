import { errnoText } from "../../errors/errno-text.ts";
import { type StatusCode, StatusError } from "../../errors/status-error.ts";

const CODES: Readonly<Record<string, StatusCode>> = {
  ENOENT: "NotFound",
  EACCES: "PermissionDenied",
  EPERM: "PermissionDenied",
  ENOSPC: "ResourceExhausted",
};

/** What the system refused while `word` was read or written, as an error of ours; others as they are. */
export function copyFailure(error: unknown, what: "read" | "write", word: string): unknown {
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  if (error instanceof StatusError || code === undefined) return error;
  const message = `cannot ${what} "${word}": ${errnoText(error)}`;
  return new StatusError(CODES[code] ?? "FailedPrecondition", message);
}

/** As node:fs throws it. */
export function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}
