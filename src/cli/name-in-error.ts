import { describe } from "../errors/describe.ts";
import { StatusError } from "../errors/status-error.ts";

/** The error, which says what it is of: of several objects not every runtime tells which it means. */
export function nameInError(error: unknown, action: string, name: string): unknown {
  if (describe(error).message.includes(name)) return error;
  const code = error instanceof StatusError ? error.code : "Unknown";
  return new StatusError(code, `could not ${action} "${name}"`, { cause: error });
}
