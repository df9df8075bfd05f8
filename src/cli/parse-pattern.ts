import { StatusError } from "../errors/status-error.ts";
import type { FlagValue } from "./command.ts";

/** A flag's regular expression, unanchored; undefined where the flag is absent or empty. */
export function parsePattern(value: FlagValue | undefined, flag: string): RegExp | undefined {
  if (typeof value !== "string" || value === "") return undefined;
  try {
    return new RegExp(value);
  } catch (cause) {
    throw new StatusError("InvalidArgument", `${flag}: "${value}" is not a regular expression`, {
      cause,
    });
  }
}
