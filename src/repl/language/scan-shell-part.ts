/** What is read for /bin/sh, and where it ends. */
export interface ShellPart {
  readonly end: number;
  /** A quote, a parenthesis or a loop that is not closed. */
  readonly open: ShellOpen | undefined;
}

type ShellOpen = "'" | '"' | "\\" | "shell";
type Frame = '"' | "(" | "{" | "${" | "`" | "loop" | "if" | "case";

interface Reader {
  readonly text: string;
  readonly start: number;
  readonly until: "pipeline" | "parenthesis";
  readonly frames: Frame[];
  at: number;
  /** Whether the next word is a command's first, where alone the shell's own words count. */
  atCommand: boolean;
  open: ShellOpen | undefined;
}

const OPENERS: Readonly<Record<string, Frame>> = {
  while: "loop",
  until: "loop",
  for: "loop",
  if: "if",
  case: "case",
  "{": "{",
};
const CLOSERS: Readonly<Record<string, Frame>> = { done: "loop", fi: "if", esac: "case", "}": "{" };
/** Words of the shell's own behind which a command begins. */
const BEFORE_COMMAND = new Set(["do", "then", "else", "elif", "while", "until", "if", "{", "!"]);
const BARE = /[^\s;&|()<>'"`$\\#}]+|[#}]/y;

/**
 * Reads on from `start` as far as a pipeline of /bin/sh goes: to the `;`, `&&`, `||` or newline that
 * is neither quoted nor inside parentheses, braces, a loop, an `if` or a `case`; or else to the `)`
 * that closes what was opened before. One pass, whatever is nested.
 */
export function scanShellPart(
  text: string,
  start: number,
  until: "pipeline" | "parenthesis" = "pipeline",
): ShellPart {
  const frames: Frame[] = [];
  const reader: Reader = {
    ...{ text, start, until, frames },
    ...{ at: start, atCommand: true, open: undefined },
  };
  while (reader.at < text.length && reader.open === undefined) {
    if (isEnd(reader)) return { end: reader.at, open: undefined };
    readQuoted(reader) || readBracket(reader) || readCommandText(reader);
  }
  const top = frames.at(-1);
  const unclosed = top === '"' ? '"' : top === undefined ? undefined : "shell";
  return { end: reader.at, open: reader.open ?? unclosed };
}

function isEnd({ text, at, until, frames }: Reader): boolean {
  if (frames.length > 0) return false;
  const character = text.charAt(at);
  if (until === "parenthesis") return character === ")";
  if (character === ";" || character === "\n") return true;
  return isOperator(text, at) && text.charAt(at + 1) === character;
}

/** Backslashes and what stands in quotes; false where there is neither. */
function readQuoted(reader: Reader): boolean {
  const { text, at, frames } = reader;
  const character = text.charAt(at);
  const isInQuotes = frames.at(-1) === '"';
  if (character === "\\") {
    if (at + 1 >= text.length) reader.open = "\\";
    reader.at = Math.min(at + 2, text.length);
  } else if (character === '"') {
    if (isInQuotes) frames.pop();
    else frames.push('"');
    reader.at++;
  } else if (character === "'" && !isInQuotes) {
    const close = text.indexOf("'", at + 1);
    if (close < 0) reader.open = "'";
    reader.at = close < 0 ? text.length : close + 1;
  } else {
    return false;
  }
  reader.atCommand = false;
  return true;
}

/** What opens and closes: `$(`, `${`, backticks, parentheses. Parentheses mean nothing in quotes. */
function readBracket(reader: Reader): boolean {
  const { text, at, frames } = reader;
  const character = text.charAt(at);
  const next = text.charAt(at + 1);
  const top = frames.at(-1);
  if (character === "$" && (next === "(" || next === "{")) {
    frames.push(next === "(" ? "(" : "${");
    reader.at += 2;
    reader.atCommand = true;
    return true;
  }
  if (character === "`") {
    if (top === "`") frames.pop();
    else frames.push("`");
    reader.atCommand = true;
  } else if (top === '"') {
    // Anything else in quotes is text.
  } else if (top === "${") {
    if (character === "}") frames.pop();
  } else if (character === "(") {
    frames.push("(");
    reader.atCommand = true;
  } else if (character === ")") {
    if (top === "(") frames.pop();
    // The pattern of a `case` ends, and its commands begin.
    reader.atCommand = frames.at(-1) === "case";
  } else {
    return false;
  }
  reader.at++;
  return true;
}

/** Operators, comments and words. */
function readCommandText(reader: Reader): void {
  const { text, at, start } = reader;
  const character = text.charAt(at);
  if (isOperator(text, at)) {
    reader.at++;
    reader.atCommand = true;
    return;
  }
  if (character === "#" && (at === start || /[\s;&|(]/.test(text.charAt(at - 1)))) {
    const newline = text.indexOf("\n", at);
    reader.at = newline < 0 ? text.length : newline;
    return;
  }
  BARE.lastIndex = at;
  const word = BARE.exec(text)?.[0];
  reader.at += word?.length ?? 1;
  if (word === undefined) return;
  const after = text.charAt(reader.at);
  const isWhole = after === "" || /[\s;&|()<>]/.test(after);
  if (reader.atCommand && isWhole) applyReservedWord(word, reader.frames);
  reader.atCommand = reader.atCommand && BEFORE_COMMAND.has(word);
}

function applyReservedWord(word: string, frames: Frame[]): void {
  const opened = Object.hasOwn(OPENERS, word) ? OPENERS[word] : undefined;
  const closed = Object.hasOwn(CLOSERS, word) ? CLOSERS[word] : undefined;
  if (opened !== undefined) frames.push(opened);
  else if (closed !== undefined && frames.at(-1) === closed) frames.pop();
}

/** `&` behind or before an angle bracket belongs to a redirection. */
function isOperator(text: string, at: number): boolean {
  const character = text.charAt(at);
  if (character === "&") {
    return !"<>".includes(text.charAt(at - 1) || " ") && text.charAt(at + 1) !== ">";
  }
  return character === ";" || character === "|" || character === "\n";
}
