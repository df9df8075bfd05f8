import { scanShellPart } from "./scan-shell-part.ts";
import { scanWord } from "./scan-word.ts";
import {
  bareText,
  type Mistake,
  type Open,
  type OperatorToken,
  type RedirectToken,
  type Token,
  type Tokens,
  type WordToken,
} from "./token.ts";

interface Scanner {
  readonly text: string;
  readonly tokens: Token[];
  at: number;
  open: Open | undefined;
  openAt: number;
  mistake: Mistake | undefined;
  /** What the next word is. */
  next: "command" | "argument" | "target";
  /** What it is after a target. */
  afterTarget: "command" | "argument";
}

/** Behind these a name and a `=` of its own begin a command, or a line for later. */
const NAMING = ["set", "alias"];

/**
 * The tokens of a text, whatever it is: for colours and completion too, which see lines that are not
 * finished. One pass.
 */
export function scanTokens(text: string): Tokens {
  const scanner: Scanner = {
    ...{ text, tokens: [], at: 0, open: undefined, openAt: 0, mistake: undefined },
    ...{ next: "command", afterTarget: "command" },
  };
  while (scanner.at < text.length && scanner.open === undefined) scanNext(scanner);
  const { tokens, open, openAt, mistake } = scanner;
  return { tokens, open, openAt, mistake };
}

function scanNext(scanner: Scanner): void {
  const { text, at } = scanner;
  const character = text.charAt(at);
  if (character === " " || character === "\t" || character === "\r") scanner.at++;
  else if (text.startsWith("\\\n", at)) scanner.at += 2;
  else if (character === "#") scanComment(scanner);
  else if (character === "<" || character === ">") scanRedirect(scanner, at);
  else if (character === "&" && text.charAt(at + 1) === ">") scanRedirect(scanner, at);
  else if (";\n&|".includes(character)) scanOperator(scanner);
  else if (character === "!" && scanner.next === "command") scanBang(scanner);
  else scanOneWord(scanner);
}

function scanComment(scanner: Scanner): void {
  const newline = scanner.text.indexOf("\n", scanner.at);
  const end = newline < 0 ? scanner.text.length : newline;
  scanner.tokens.push({ kind: "comment", start: scanner.at, end });
  scanner.at = end;
}

function scanOneWord(scanner: Scanner): void {
  const { text, at: start, tokens, next } = scanner;
  const { parts, end, open, openAt, mistake } = scanWord(text, start);
  // A backslash alone at the end of a line is no word but the promise of another line.
  if (open === "\\" && end - start === 1) {
    setOpen(scanner, open, start);
    scanner.at = end;
    return;
  }
  const word: WordToken = { kind: "word", start, end, parts, role: next };
  const bare = bareText(word);
  if (next !== "target" && isDescriptor(bare, text.charAt(end))) {
    scanRedirect(scanner, start);
    return;
  }
  if (open !== undefined) setOpen(scanner, open, openAt);
  scanner.mistake ??= mistake;
  scanner.at = end;
  if (bare === "=" && nameBefore(scanner)) {
    tokens.push({ kind: "operator", start, end, text: "=" });
    scanner.next = "command";
    return;
  }
  tokens.push(word);
  scanner.next = next === "target" ? scanner.afterTarget : "argument";
}

/** The number right before an angle bracket is no word. */
function isDescriptor(bare: string | undefined, follower: string): boolean {
  return bare !== undefined && /^\d+$/.test(bare) && (follower === "<" || follower === ">");
}

/** Whether `set NAME` or `alias NAME` stands right before; NAME is then marked as such. */
function nameBefore({ tokens }: Scanner): boolean {
  const name = tokens.at(-1);
  const verb = tokens.at(-2);
  if (name?.kind !== "word" || verb?.kind !== "word" || verb.role !== "command") return false;
  if (name.role !== "argument" || !NAMING.includes(bareText(verb) ?? "")) return false;
  tokens[tokens.length - 1] = { ...name, role: "name" };
  return true;
}

const REDIRECT = /([0-9]*|&)(<&|<>|<<?<?|>>|>&|>\||>)([0-9-]*)/y;

function scanRedirect(scanner: Scanner, start: number): void {
  REDIRECT.lastIndex = start;
  const [whole = "", before = "", operator = "", digits = ""] = REDIRECT.exec(scanner.text) ?? [];
  const isDuplicate = operator === ">&";
  const end = start + whole.length - (isDuplicate ? 0 : digits.length);
  const refuse = (message: string, hint: string) => {
    scanner.mistake ??= { at: start, message, hint };
  };
  const shown = scanner.text.slice(start, end);
  let from: RedirectToken["from"] = operator === "<" ? 0 : 1;
  let to: RedirectToken["to"];
  let mode: RedirectToken["mode"] = operator === "<" ? "read" : "write";
  if (operator === ">>") mode = "append";
  if (operator.startsWith("<<")) {
    refuse(`"${operator}" has no meaning here`, "put the text into a file: < FILE");
  } else if (operator === "<&" || operator === "<>") {
    refuse(`"${operator}" has no meaning here`, "known are < > >> 2> 2>&1 and &>");
  }
  if (before === "&") from = "both";
  else if (before !== "") {
    const wanted = operator === "<" ? ["0"] : ["1", "2"];
    if (!wanted.includes(before)) {
      refuse(`"${shown}" has no meaning here`, "a command reads 0 and writes 1 and 2");
    }
    from = before === "2" ? 2 : from;
  }
  if (isDuplicate) {
    mode = "duplicate";
    to = digits === "2" ? 2 : 1;
    if (digits !== "1" && digits !== "2") {
      refuse(`"${shown}" has no meaning here`, "2>&1 joins stderr to stdout, &> FILE takes both");
    }
  }
  scanner.tokens.push({ kind: "redirect", start, end, from, mode, to });
  scanner.at = end;
  if (mode === "duplicate" || scanner.next === "target") return;
  scanner.afterTarget = scanner.next;
  scanner.next = "target";
}

function scanOperator(scanner: Scanner): void {
  const { text, at } = scanner;
  const character = text.charAt(at);
  const isDouble = text.charAt(at + 1) === character;
  if (character === "|" && !isDouble) {
    scanPipe(scanner);
    return;
  }
  if (character === "&" && !isDouble) {
    const hint = "commands do not run in the background; quote it to pass it on";
    scanner.mistake ??= { at, message: '"&" has no meaning here', hint };
    scanner.at++;
    return;
  }
  const operator = character === "&" ? "&&" : character === "|" ? "||" : character;
  pushOperator(scanner, operator as OperatorToken["text"]);
  scanner.next = "command";
}

function scanPipe(scanner: Scanner): void {
  const { at, text } = scanner;
  if (text.charAt(at + 1) === "&") {
    scanner.mistake ??= { at, message: '"|&" has no meaning here', hint: "write 2>&1 |" };
  }
  pushOperator(scanner, "|");
  scanTail(scanner, "|", /\s/);
}

function scanBang(scanner: Scanner): void {
  pushOperator(scanner, "!");
  scanTail(scanner, "!", /[ \t]/);
}

/** The text for /bin/sh behind `|` or `!`. */
function scanTail(scanner: Scanner, operator: "|" | "!", blank: RegExp): void {
  const { text, tokens } = scanner;
  const operatorAt = scanner.at - 1;
  while (blank.test(text.charAt(scanner.at))) scanner.at++;
  const start = scanner.at;
  const { end, open } = scanShellPart(text, start);
  scanner.at = end;
  const trimmed = text.slice(start, end).trimEnd();
  if (trimmed !== "") tokens.push({ kind: "shell", start, end: start + trimmed.length });
  else if (end === text.length && operator === "|") setOpen(scanner, operator, operatorAt);
  else {
    const hint = operator === "!" ? "!COMMAND runs a command of /bin/sh" : "write a command there";
    const message = `nothing follows "${operator}"`;
    scanner.mistake ??= { at: operatorAt, message, hint };
  }
  if (open !== undefined) setOpen(scanner, open, start);
}

function pushOperator(scanner: Scanner, text: OperatorToken["text"]): void {
  const start = scanner.at;
  const end = start + text.length;
  scanner.tokens.push({ kind: "operator", start, end, text });
  scanner.at = end;
}

function setOpen(scanner: Scanner, open: Open, at: number): void {
  scanner.open = open;
  scanner.openAt = at;
}
