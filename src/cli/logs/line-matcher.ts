import type { LogLine } from "./line-cursor.ts";

/** A line that matches. */
export interface MatchedLine {
  /** The text with what matches set off; undefined where it is no UTF-8. */
  readonly marked: string | undefined;
}

/** Picks lines by a regular expression. Of a line that comes in pieces the first one decides. */
export interface LineMatcher {
  match(line: LogLine): MatchedLine | undefined;
}

const MARK = "\x1b[1;31m";
const UNMARK = "\x1b[0m";

export function createLineMatcher(
  pattern: RegExp,
  options: { readonly marks: boolean },
): LineMatcher {
  const each = new RegExp(pattern.source, `${pattern.flags.replace("g", "")}g`);
  const whole: MatchedLine = { marked: undefined };
  const taken = { stdout: false, stderr: false };
  return {
    match(line) {
      if (!line.isStart) return taken[line.stream] ? whole : undefined;
      const text = line.bytes.toString("utf8", line.start, line.end);
      taken[line.stream] = pattern.test(text);
      if (!taken[line.stream]) return undefined;
      if (!options.marks || text.includes("\ufffd")) return whole;
      return { marked: text.replace(each, (found) => (found === "" ? "" : MARK + found + UNMARK)) };
    },
  };
}
