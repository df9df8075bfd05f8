import { StatusError } from "../../errors/status-error.ts";

/** What the peer sent is not SPDY/3.1, or goes past our limits; the connection cannot go on. */
export function malformed(what: string, cause?: unknown): StatusError {
  return new StatusError("Internal", `peer broke the SPDY protocol: ${what}`, { cause });
}
