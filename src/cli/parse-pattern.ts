import { StatusError } from "../errors/status-error.ts";
import type { FlagValue } from "./command.ts";

/**
 * A flag's regular expression, unanchored; `=TEXT` is that text exactly, whatever characters it has.
 * Undefined where the flag is absent or empty.
 */
export function parsePattern(value: FlagValue | undefined, flag: string): RegExp | undefined {
  if (typeof value !== "string" || value === "") return undefined;
  return value.startsWith("=") ? exactly(value.slice(1)) : parseRegex(value, flag);
}

/** Throws InvalidArgument where the text is no regular expression. */
export function parseRegex(value: string, flag: string): RegExp {
  try {
    return new RegExp(value);
  } catch (cause) {
    throw new StatusError("InvalidArgument", `${flag}: "${value}" is not a regular expression`, {
      cause,
    });
  }
}

function exactly(text: string): RegExp {
  return new RegExp(`^${text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, "\\$&")}$`);
}
