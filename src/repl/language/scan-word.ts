import { scanShellPart } from "./scan-shell-part.ts";
import type { Mistake, Open, Part } from "./token.ts";

export interface ScannedWord {
  readonly parts: readonly Part[];
  readonly end: number;
  readonly open: Open | undefined;
  readonly openAt: number;
  readonly mistake: Mistake | undefined;
}

const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const BRACED = /([A-Za-z_][A-Za-z0-9_]*|[0-9]+|[?#@*])(?::-([^{}]*))?\}/y;
const WORD_END = " \t\r\n;&|<>";

interface State {
  readonly text: string;
  readonly parts: Part[];
  open: Open | undefined;
  openAt: number;
  mistake: Mistake | undefined;
}

/** The word that begins at `start`, up to a blank or an operator that is not quoted. */
export function scanWord(text: string, start: number): ScannedWord {
  const state: State = { text, parts: [], open: undefined, openAt: start, mistake: undefined };
  let at = start;
  while (at < text.length && state.open === undefined) {
    const character = text.charAt(at);
    if (WORD_END.includes(character)) break;
    if (character === "'") at = scanSingleQuoted(state, at);
    else if (character === '"') at = scanDoubleQuoted(state, at);
    else if (character === "$") at = scanDollar(state, at, false);
    else at = scanBare(state, at);
  }
  const { parts, open, openAt, mistake } = state;
  return { parts, end: at, open, openAt, mistake };
}

function scanBare(state: State, start: number): number {
  const { text } = state;
  let value = "";
  let at = start;
  let isGuarded = false;
  while (at < text.length) {
    const character = text.charAt(at);
    if (character === "\\") {
      if (at + 1 >= text.length) {
        setOpen(state, "\\", at);
        at++;
        break;
      }
      if (text.charAt(at + 1) !== "\n") value += text.charAt(at + 1);
      isGuarded = true;
      at += 2;
    } else if (WORD_END.includes(character) || `'"$`.includes(character)) {
      break;
    } else {
      if (character === "`") refuseBacktick(state, at);
      value += character;
      at++;
    }
  }
  // What a backslash guards must not be taken for a tilde or an alias.
  const wasQuoted = isGuarded && value !== "";
  state.parts.push({ kind: "text", start, end: at, quoted: wasQuoted, text: value });
  return at;
}

function scanSingleQuoted(state: State, start: number): number {
  const close = state.text.indexOf("'", start + 1);
  const end = close < 0 ? state.text.length : close + 1;
  if (close < 0) setOpen(state, "'", start);
  const text = state.text.slice(start + 1, close < 0 ? undefined : close);
  state.parts.push({ kind: "text", start, end, quoted: true, text });
  return end;
}

function scanDoubleQuoted(state: State, start: number): number {
  const { text } = state;
  let value = "";
  let from = start;
  let at = start + 1;
  const flush = (end: number) => {
    if (end === from) return;
    state.parts.push({ kind: "text", start: from, end, quoted: true, text: value });
    value = "";
  };
  while (at < text.length) {
    const character = text.charAt(at);
    if (character === '"') {
      flush(at + 1);
      return at + 1;
    }
    const next = text.charAt(at + 1);
    if (character === "\\" && next !== "" && '$`"\\\n'.includes(next)) {
      if (next !== "\n") value += next;
      at += 2;
    } else if (character === "$" && startsExpansion(next)) {
      flush(at);
      at = scanDollar(state, at, true);
      from = at;
      if (state.open !== undefined) return at;
    } else {
      if (character === "`") refuseBacktick(state, at);
      value += character;
      at++;
    }
  }
  setOpen(state, '"', start);
  flush(at);
  return at;
}

function startsExpansion(next: string): boolean {
  return next !== "" && /[A-Za-z0-9_?#@*({$!-]/.test(next);
}

/** What follows a `$`; where nothing that can be expanded does, the `$` stands for itself. */
function scanDollar(state: State, start: number, quoted: boolean): number {
  const { text } = state;
  const next = text.charAt(start + 1);
  if (next === "(") return scanSubstitution(state, start, quoted);
  if (next === "{") return scanBraced(state, start, quoted);
  const variable = (name: string) => {
    const end = start + 1 + name.length;
    state.parts.push({ kind: "variable", start, end, quoted, name, fallback: undefined });
    return end;
  };
  NAME.lastIndex = start + 1;
  const name = NAME.exec(text)?.[0];
  if (name !== undefined) return variable(name);
  if (next !== "" && /[0-9?#@*]/.test(next)) return variable(next);
  if (next !== "" && "$!-".includes(next)) {
    setMistake(state, start, `"$${next}" has no meaning here`, "quote it to pass it on: '…'");
  }
  state.parts.push({ kind: "text", start, end: start + 1, quoted, text: "$" });
  return start + 1;
}

function scanBraced(state: State, start: number, quoted: boolean): number {
  const { text } = state;
  BRACED.lastIndex = start + 2;
  const found = BRACED.exec(text);
  if (found !== null) {
    const [whole, name = "", fallback] = found;
    const end = start + 2 + whole.length;
    state.parts.push({ kind: "variable", start, end, quoted, name, fallback });
    return end;
  }
  const close = text.indexOf("}", start);
  const end = close < 0 ? text.length : close + 1;
  if (close < 0) setOpen(state, "${", start);
  else {
    const hint = `known are \${name} and \${name:-default}; quote it to pass it on`;
    setMistake(state, start, `"${text.slice(start, end)}" has no meaning here`, hint);
  }
  state.parts.push({ kind: "text", start, end, quoted, text: text.slice(start, end) });
  return end;
}

/** Its inside is skipped as a shell would read it, which knows all quotes and parentheses. */
function scanSubstitution(state: State, start: number, quoted: boolean): number {
  const { text } = state;
  const inside = scanShellPart(text, start + 2, "parenthesis");
  const isClosed = text.charAt(inside.end) === ")" && inside.open === undefined;
  const end = isClosed ? inside.end + 1 : text.length;
  if (!isClosed) setOpen(state, "$(", start);
  const source = text.slice(start + 2, isClosed ? inside.end : undefined);
  state.parts.push({ kind: "substitution", start, end, quoted, source });
  return end;
}

function refuseBacktick(state: State, at: number): void {
  const hint = "write $(command), or quote it to pass it on: '…'";
  setMistake(state, at, "a backtick has no meaning here", hint);
}

function setOpen(state: State, open: Open, at: number): void {
  state.open = open;
  state.openAt = at;
}

function setMistake(state: State, at: number, message: string, hint: string): void {
  state.mistake ??= { at, message, hint };
}
