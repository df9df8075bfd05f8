import { StatusError } from "../../errors/status-error.ts";
import { isOutOfSpace } from "../host/errno-error.ts";

/** ResourceExhausted for a full disk or quota, Internal for any other failure to write a blob. */
export function throwWriteError(cause: unknown): never {
  if (isOutOfSpace(cause)) {
    throw new StatusError("ResourceExhausted", "no space left for image content", { cause });
  }
  throw new StatusError("Internal", "could not write image content", { cause });
}
