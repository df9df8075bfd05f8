import { StatusError } from "../../errors/status-error.ts";

/** A document's value, or one that a function made. Undefined is a key that is not there. */
export type Value = unknown;

/** As Go counts: false, 0, nil, and what is empty are not true. */
export function isTrue(value: Value): boolean {
  if (value === null || value === undefined) return false;
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value === "object") return Object.keys(value).length > 0;
  return Boolean(value);
}

/** As Go's fmt prints with %v. */
export function printValue(value: Value): string {
  if (value === null || value === undefined) return "<no value>";
  return nested(value);
}

function nested(value: Value): string {
  if (value === null || value === undefined) return "<nil>";
  if (Array.isArray(value)) return `[${value.map(nested).join(" ")}]`;
  if (typeof value === "object") {
    const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
    return `map[${entries.map(([key, each]) => `${key}:${nested(each)}`).join(" ")}]`;
  }
  return String(value);
}

export function isRecord(value: Value): value is Readonly<Record<string, Value>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What a template asks of a document that the document does not have. */
export function templateFailure(what: string): StatusError {
  return new StatusError("FailedPrecondition", `Go template: ${what}`);
}
