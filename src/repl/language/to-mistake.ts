import { StatusError } from "../../errors/status-error.ts";
import type { Incomplete, Malformed } from "./program.ts";

/** The error for a text that is no program, or that ends too early. */
export function toMistake(result: Malformed | Incomplete): StatusError {
  if (result.kind === "malformed") {
    const { message, hint } = result;
    return new StatusError("InvalidArgument", message, hint === undefined ? {} : { hint });
  }
  return new StatusError("InvalidArgument", missing(result.open));
}

function missing(open: Incomplete["open"]): string {
  switch (open) {
    case "'":
    case '"':
      return `the quote ${open} is not closed`;
    case "$(":
    case "${":
      return `"${open}" is not closed`;
    case "shell":
      return "a parenthesis, a brace or a loop is not closed";
    case "\\":
      return "the line goes on, and nothing follows";
    default:
      return `nothing follows "${open}"`;
  }
}
