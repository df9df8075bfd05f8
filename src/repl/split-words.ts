import { StatusError } from "../errors/status-error.ts";

/** A word of a line, without its quotes, and where it stands in the line. */
export interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export interface ScannedLine {
  readonly words: readonly Word[];
  /** What a further line would have to close: a quote, or a backslash at the very end. */
  readonly open: "'" | '"' | "\\" | undefined;
  /** Where a comment begins. */
  readonly comment: number | undefined;
  /** The first unquoted character that a shell gives a meaning which this one does not know. */
  readonly operator: string | undefined;
}

const BLANK = /[ \t\r\n]/;
const OPERATORS = "|&;<>";

/**
 * The words of a line, quoted as in a POSIX shell: '…' is literal, in "…" a backslash guards only
 * `$`, `` ` ``, `"`, itself and a newline. Nothing is expanded: `*` and `$` stand for themselves.
 * Throws InvalidArgument for a quote that is not closed and for `|`, `&`, `;`, `<`, `>`.
 */
export function splitWords(line: string): string[] {
  const scanned = scanLine(line);
  if (scanned.open !== undefined && scanned.open !== "\\") {
    throw new StatusError("InvalidArgument", `the quote ${scanned.open} is not closed`);
  }
  if (scanned.operator !== undefined) {
    throw new StatusError("InvalidArgument", `"${scanned.operator}" has no meaning here`, {
      hint: "quote it to pass it on",
    });
  }
  return scanned.words.map((word) => word.text);
}

/** Scans without refusing anything: for completion, and for lines that go on. */
export function scanLine(line: string): ScannedLine {
  const words: Word[] = [];
  let operator: string | undefined;
  let at = 0;
  while (at < line.length) {
    const character = line.charAt(at);
    if (BLANK.test(character)) {
      at++;
      continue;
    }
    if (line.startsWith("\\\n", at)) {
      at += 2;
      continue;
    }
    if (character === "#") {
      const newline = line.indexOf("\n", at);
      if (newline < 0) return { words, open: undefined, comment: at, operator };
      at = newline;
      continue;
    }
    const word = scanWord(line, at);
    // A backslash alone at the end of the line is no word but the promise of another line.
    const isContinuation = word.open === "\\" && word.end - at === 1;
    if (!isContinuation) words.push({ text: word.text, start: at, end: word.end });
    operator ??= word.operator;
    at = word.end;
    if (word.open !== undefined) return { words, open: word.open, comment: undefined, operator };
  }
  return { words, open: undefined, comment: undefined, operator };
}

interface ScannedWord {
  text: string;
  end: number;
  open: ScannedLine["open"];
  operator: string | undefined;
}

function scanWord(line: string, start: number): ScannedWord {
  let text = "";
  let operator: string | undefined;
  let at = start;
  while (at < line.length) {
    const character = line.charAt(at);
    if (BLANK.test(character)) break;
    if (character === "'") {
      const close = line.indexOf("'", at + 1);
      if (close < 0)
        return { text: text + line.slice(at + 1), end: line.length, open: "'", operator };
      text += line.slice(at + 1, close);
      at = close + 1;
    } else if (character === '"') {
      const quoted = scanDoubleQuoted(line, at + 1);
      text += quoted.text;
      at = quoted.end;
      if (!quoted.closed) return { text, end: at, open: '"', operator };
    } else if (character === "\\") {
      if (at + 1 === line.length) return { text, end: line.length, open: "\\", operator };
      if (line.charAt(at + 1) !== "\n") text += line.charAt(at + 1);
      at += 2;
    } else {
      if (OPERATORS.includes(character)) operator ??= character;
      text += character;
      at++;
    }
  }
  return { text, end: at, open: undefined, operator };
}

function scanDoubleQuoted(
  line: string,
  start: number,
): { text: string; end: number; closed: boolean } {
  let text = "";
  let at = start;
  while (at < line.length) {
    const character = line.charAt(at);
    if (character === '"') return { text, end: at + 1, closed: true };
    const next = line.charAt(at + 1);
    if (character === "\\" && next !== "" && '$`"\\\n'.includes(next)) {
      if (next !== "\n") text += next;
      at += 2;
    } else {
      text += character;
      at++;
    }
  }
  return { text, end: at, closed: false };
}

/** The word as one would type it: quoted where a blank, a quote or an operator asks for it. */
export function quoteWord(word: string): string {
  if (word !== "" && !/[\s'"\\#|&;<>$`*?]/.test(word)) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
