/**
 * src/output/go-template: Go's text/template over documents in JSON, with crictl's functions `json`,
 * `title`, `lower` and `upper` besides the language's own. Values in, text out; nothing is called or
 * read that the document does not hold. Not covered: methods, channels, functions as values (`call`),
 * complex numbers. Reference: https://pkg.go.dev/text/template
 */
import { StatusError } from "../../errors/status-error.ts";

/** What stands between texts: the inside of a pair of braces, as tokens. */
export type Chunk =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "action"; readonly tokens: readonly Token[]; readonly source: string };

export type Token =
  | { readonly kind: "word"; readonly text: string }
  /** `.name`; `isTight` where it follows what is before it without a space, as in `$x.name`. */
  | { readonly kind: "field"; readonly text: string; readonly isTight: boolean }
  | { readonly kind: "variable"; readonly text: string }
  | { readonly kind: "dot" }
  | { readonly kind: "value"; readonly value: string | number | bigint }
  | { readonly kind: "mark"; readonly text: "(" | ")" | "|" | "," | ":=" | "=" };

/** Throws InvalidArgument. */
export function tokenizeTemplate(template: string): readonly Chunk[] {
  const chunks: Chunk[] = [];
  let at = 0;
  let trimsNext = false;
  while (at <= template.length) {
    const open = template.indexOf("{{", at);
    let text = template.slice(at, open === -1 ? undefined : open);
    if (trimsNext) text = text.trimStart();
    const trimsBefore = open !== -1 && /^\{\{-\s/.test(template.slice(open, open + 4));
    if (trimsBefore) text = text.trimEnd();
    if (text !== "") chunks.push({ kind: "text", text });
    if (open === -1) break;
    const inside = open + 2 + (trimsBefore ? 1 : 0);
    const { tokens, end, trimsAfter } = readAction(template, inside);
    if (tokens !== undefined) {
      chunks.push({ kind: "action", tokens, source: template.slice(open, end) });
    }
    trimsNext = trimsAfter;
    at = end;
  }
  return chunks;
}

interface Action {
  /** Undefined for a comment. */
  readonly tokens: readonly Token[] | undefined;
  /** Index behind the closing braces. */
  readonly end: number;
  readonly trimsAfter: boolean;
}

const COMMENT = /^\s*\/\*[\s\S]*?\*\/\s*(-?)\}\}/;

function readAction(template: string, from: number): Action {
  const comment = COMMENT.exec(template.slice(from));
  if (comment !== null) {
    const end = from + comment[0].length;
    return { tokens: undefined, end, trimsAfter: comment[1] === "-" };
  }
  const tokens: Token[] = [];
  let at = from;
  for (;;) {
    const rest = template.slice(at);
    const close = /^(?:\s+-)?\}\}/.exec(rest)?.[0];
    if (close !== undefined) {
      return { tokens, end: at + close.length, trimsAfter: close.includes("-") };
    }
    const space = /^\s+/.exec(rest)?.[0].length ?? 0;
    if (space > 0) {
      at += space;
      continue;
    }
    if (rest === "") throw malformedTemplate("an action is not closed by }}");
    const [token, length] = readToken(rest, at > from && !/\s/.test(template.charAt(at - 1)));
    tokens.push(token);
    at += length;
  }
}

const NUMBER =
  /^[+-]?(?:0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|(?:\d[\d_]*)?\.?\d+(?:[eE][+-]?\d+)?)/;
const WORD = /^[\p{L}_][\p{L}\p{N}_]*/u;

function readToken(rest: string, isTight: boolean): readonly [Token, number] {
  const mark = /^(?::=|[()|,=])/.exec(rest)?.[0];
  if (mark !== undefined) {
    return [{ kind: "mark", text: mark as "(" }, mark.length];
  }
  const character = rest.charAt(0);
  if (character === '"' || character === "`" || character === "'") return readQuoted(rest);
  const variable = /^\$[\p{L}\p{N}_]*/u.exec(rest)?.[0];
  if (variable !== undefined) return [{ kind: "variable", text: variable }, variable.length];
  const field = /^\.[\p{L}_][\p{L}\p{N}_]*/u.exec(rest)?.[0];
  if (field !== undefined) {
    return [{ kind: "field", text: field.slice(1), isTight }, field.length];
  }
  const number = NUMBER.exec(rest)?.[0];
  if (number !== undefined) return [{ kind: "value", value: toNumber(number) }, number.length];
  if (character === ".") return [{ kind: "dot" }, 1];
  const word = WORD.exec(rest)?.[0];
  if (word !== undefined) return [{ kind: "word", text: word }, word.length];
  throw malformedTemplate(`"${character}" is not understood`);
}

function toNumber(text: string): number | bigint {
  const digits = text.replaceAll("_", "");
  const value = /^[+-]/.test(digits) ? signed(digits) : Number(digits);
  const isExact = Number.isSafeInteger(value) || !/^[+-]?\d+$/.test(digits);
  return isExact ? value : BigInt(digits.replace(/^\+/, ""));
}

function signed(digits: string): number {
  return digits.startsWith("-") ? -Number(digits.slice(1)) : Number(digits.slice(1));
}

function readQuoted(rest: string): readonly [Token, number] {
  const quote = rest.charAt(0);
  if (quote === "`") {
    const end = rest.indexOf("`", 1);
    if (end === -1) throw malformedTemplate("a quote is not closed");
    return [{ kind: "value", value: rest.slice(1, end) }, end + 1];
  }
  for (let at = 1; at < rest.length; at++) {
    const character = rest.charAt(at);
    if (character === "\n") break;
    if (character === "\\") at++;
    else if (character === quote) {
      const text = unescapeGo(rest.slice(1, at));
      // A character in single quotes is its number, as in Go.
      const value = quote === "'" ? (text.codePointAt(0) ?? 0) : text;
      return [{ kind: "value", value }, at + 1];
    }
  }
  throw malformedTemplate("a quote is not closed");
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  a: "\x07",
  b: "\b",
  f: "\f",
  v: "\v",
};

function unescapeGo(text: string): string {
  return text.replaceAll(
    /\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2})|([0-7]{3})|([\s\S]))/g,
    (_, short, long, hex, octal, other) => {
      const digits: string | undefined = short ?? long ?? hex;
      if (digits !== undefined) return String.fromCodePoint(Number.parseInt(digits, 16));
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
      return ESCAPES[other as string] ?? String(other);
    },
  );
}

/** A template that is wrong as it stands, whatever the document. */
export function malformedTemplate(what: string): StatusError {
  return new StatusError("InvalidArgument", `Go template: ${what}`);
}
