import { scanTokens } from "./scan-tokens.ts";

/** A word of a text for sh, with its quotes, the last of which need not be closed. */
const WORD_IN_SHELL =
  /(?:[^\s'"\\|&;<>()]|\\.?|'[^']*(?:'|$)|"(?:[^"\\]|\\.?)*(?:"|$)|\$\([^()]*\))+/gs;

/** The last word of a line as it is typed, its quotes included; empty where the line has none. */
export function lastWord(line: string): string {
  const last = scanTokens(line).tokens.findLast(({ kind }) => kind === "word" || kind === "shell");
  if (last === undefined) return "";
  const text = line.slice(last.start, last.end);
  return last.kind === "word" ? text : (text.match(WORD_IN_SHELL)?.at(-1) ?? "");
}
