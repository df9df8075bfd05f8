import { redactCredentials } from "./redact-credentials.ts";
import { StatusError } from "./status-error.ts";

/** One line for people: the message and, once each, the messages of its causes; the hint apart. */
export function describe(error: unknown): { message: string; hint: string | undefined } {
  const parts: string[] = [];
  let hint: string | undefined;
  let current: unknown = error;
  for (let depth = 0; current !== undefined && current !== null && depth < 8; depth++) {
    const text = oneLine(current instanceof Error ? current.message : String(current));
    if (text !== "" && !parts.some((part) => tells(part, text))) parts.push(text);
    if (hint === undefined && current instanceof StatusError) hint = current.hint;
    current = current instanceof Error ? current.cause : undefined;
  }
  return { message: redactCredentials(parts.join(": ")), hint };
}

function oneLine(text: string): string {
  return text.replaceAll("\n", " ");
}

/** Where a clause may begin and end: what stands between two of these is said as a whole. */
const BEFORE_CLAUSE = /(?:^|[:;,] |\()$/;
const BEHIND_CLAUSE = /^(?:$|[:;,.)](?:$|[ :;,.)]))/;

/** Whether the cause is a clause of the message. A word of one is not what is meant: "no" in "no such file". */
function tells(message: string, cause: string): boolean {
  for (let at = message.indexOf(cause); at >= 0; at = message.indexOf(cause, at + 1)) {
    const isClause =
      BEFORE_CLAUSE.test(message.slice(0, at)) &&
      BEHIND_CLAUSE.test(message.slice(at + cause.length));
    if (isClause) return true;
  }
  return false;
}
