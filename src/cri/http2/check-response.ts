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
  let isFirst = true;
  for (const { name, value } of fields) {
    if (name.startsWith(":")) {
      if (kind === "trailers" || name !== ":status" || !isFirst) throw malformed(name);
      status = parseStatus(value);
    } else if (!isFieldName(name) || CONNECTION_FIELDS.has(name) || !isFieldValue(value)) {
      throw malformed(name);
    }
    isFirst = false;
  }
  if (kind === "response" && status === undefined) throw malformed(":status");
  return status;
}

// Loops and no regular expressions: these run once in a short process, before anything is warm.

function parseStatus(value: string): number {
  let status = 0;
  for (let at = 0; at < value.length; at++) {
    const digit = value.charCodeAt(at) - 0x30;
    if (digit < 0 || digit > 9) throw malformed(":status");
    status = status * 10 + digit;
  }
  if (value.length !== 3 || status < 100) throw malformed(":status");
  return status;
}

/** RFC 9113, section 8.2.1: neither controls nor spaces, capitals, colons or anything beyond ASCII. */
function isFieldName(name: string): boolean {
  for (let at = 0; at < name.length; at++) {
    const code = name.charCodeAt(at);
    if (code <= 0x20 || code >= 0x7f || (code >= 0x41 && code <= 0x5a) || code === 0x3a) {
      return false;
    }
  }
  return name !== "";
}

function isFieldValue(value: string): boolean {
  for (let at = 0; at < value.length; at++) {
    const code = value.charCodeAt(at);
    if (code === 0x00 || code === 0x0a || code === 0x0d) return false;
  }
  return true;
}

function malformed(name: string): Violation {
  return new Violation(ERROR.protocol, `a malformed header ${JSON.stringify(name.slice(0, 40))}`);
}
