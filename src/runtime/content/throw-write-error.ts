import { StatusError } from "../../errors/status-error.ts";

/** ResourceExhausted for a full disk or quota, Internal for any other failure to write a blob. */
export function throwWriteError(cause: unknown): never {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code === "ENOSPC" || code === "EDQUOT") {
    throw new StatusError("ResourceExhausted", "no space left for image content", { cause });
  }
  throw new StatusError("Internal", "could not write image content", { cause });
}
