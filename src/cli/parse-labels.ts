import { StatusError } from "../errors/status-error.ts";
import type { FlagValue } from "./command.ts";

/** A comma parts two labels only where a key and "=" follow it: values may have commas in them. */
const BETWEEN_LABELS = /,(?=[^,=]+=)/;

/** `key=value` words, several in one where commas part them, as a map. Throws InvalidArgument. */
export function parseLabels(value: FlagValue | undefined, flag: string): Record<string, string> {
  const words = Array.isArray(value) ? (value as readonly string[]) : [];
  const labels: Record<string, string> = {};
  for (const word of words
    .flatMap((text) => text.split(BETWEEN_LABELS))
    .filter((text) => text !== "")) {
    const equals = word.indexOf("=");
    if (equals <= 0) {
      throw new StatusError("InvalidArgument", `${flag} wants KEY=VALUE, not "${word}"`);
    }
    labels[word.slice(0, equals)] = word.slice(equals + 1);
  }
  return labels;
}
