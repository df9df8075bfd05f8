import type { HeaderField } from "./header-field.ts";
import { ERROR } from "./protocol.ts";
import { Violation } from "./violation.ts";

const CONNECTION_FIELDS = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
]);

/**
 * Holds a list of headers to RFC 9113, sections 8.2 and 8.3: a status and nothing else with a colon
 * in front of a response, none in trailers. Returns the status, or undefined for trailers.
 */
export function checkResponse(
  fields: readonly HeaderField[],
  kind: "response" | "trailers",
): number | undefined {
  let status: number | undefined;
  for (const [position, { name, value }] of fields.entries()) {
    if (name.startsWith(":")) {
      if (kind === "trailers" || name !== ":status" || position !== 0) throw malformed(name);
      if (!/^[1-9]\d\d$/.test(value)) throw malformed(name);
      status = Number(value);
    } else if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name) || CONNECTION_FIELDS.has(name)) {
      throw malformed(name);
    } else if (/[\0\r\n]/.test(value)) throw malformed(name);
  }
  if (kind === "response" && status === undefined) throw malformed(":status");
  return status;
}

function malformed(name: string): Violation {
  return new Violation(ERROR.protocol, `a malformed header ${JSON.stringify(name.slice(0, 40))}`);
}
