import { StatusError } from "../errors/status-error.ts";
import { scanLine } from "./split-words.ts";

/** One command of a script. */
export interface ScriptCommand {
  /** The number of its first line, from 1. */
  readonly line: number;
  readonly text: string;
}

/**
 * The commands of a script, one a line. Empty lines and comments are left out; a line that ends in
 * a backslash, or inside a quote, goes on with the next one. Throws InvalidArgument where the
 * script ends inside a quote.
 */
export async function* readScript(
  input: AsyncIterable<Uint8Array | string>,
): AsyncGenerator<ScriptCommand> {
  let line = 0;
  let pending: ScriptCommand | undefined;
  for await (const text of readLines(input)) {
    line++;
    pending =
      pending === undefined ? { line, text } : { ...pending, text: `${pending.text}\n${text}` };
    const scanned = scanLine(pending.text);
    if (scanned.open !== undefined) continue;
    if (scanned.words.length > 0) yield pending;
    pending = undefined;
  }
  if (pending === undefined) return;
  const { open, words } = scanLine(pending.text);
  if (open !== "\\") {
    const message = `line ${pending.line}: the quote ${open} is not closed`;
    throw new StatusError("InvalidArgument", message);
  }
  if (words.length > 0) yield pending;
}

async function* readLines(input: AsyncIterable<Uint8Array | string>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of input) {
    rest += typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield line.endsWith("\r") ? line.slice(0, -1) : line;
  }
  rest += decoder.decode();
  if (rest !== "") yield rest;
}
