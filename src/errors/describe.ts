import { redactCredentials } from "./redact-credentials.ts";
import { StatusError } from "./status-error.ts";

/** One line for people: the message and, once each, the messages of its causes; the hint apart. */
export function describe(error: unknown): { message: string; hint: string | undefined } {
  const parts: string[] = [];
  let hint: string | undefined;
  let current: unknown = error;
  for (let depth = 0; current !== undefined && current !== null && depth < 8; depth++) {
    const text = current instanceof Error ? current.message : String(current);
    if (text !== "" && !parts.some((part) => part.includes(text))) parts.push(text);
    if (hint === undefined && current instanceof StatusError) hint = current.hint;
    current = current instanceof Error ? current.cause : undefined;
  }
  return { message: redactCredentials(parts.join(": ").replaceAll("\n", " ")), hint };
}
