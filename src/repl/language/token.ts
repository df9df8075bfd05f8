/**
 * The room `repl/language`: what a line or a script means. It owns words, quoting, expansion,
 * operators, redirections and what runs them; commands stay what they are outside.
 *
 *   program   list { (";" | newline) list }
 *   list      pipeline { ("&&" | "||") pipeline }
 *   pipeline  [set NAME "="] ( command [ "|" shell ] | "!" shell )      also: alias NAME "=" …
 *   command   words and redirections: > >> < 2> 2>> 2>&1 >&2 &> &>>
 *   shell     text for /bin/sh as typed, up to the next ; && || or newline that is neither
 *             quoted nor inside ( ), { }, a loop, an if or a case
 *
 * Words are quoted as in sh: '…' is literal, "…" expands $, a backslash guards one character, #
 * begins a comment. $name, ${name}, ${name:-default}, $?, $#, $@, $0 to $9 and $(command) are
 * expanded. A variable of the shell hides one of the environment; one that is neither is an error.
 * Unquoted, a value falls into words at its blanks and newlines; nothing else splits words, and
 * there are no patterns: * and ? stand for themselves. ~ and ~/… at the start of a word are $HOME.
 */

/** What a further line would have to close or to add. */
export type Open = "'" | '"' | "$(" | "${" | "\\" | "|" | "!" | "&&" | "||" | "shell";

/** A piece of a word. Quotes belong to the piece that they begin or end. */
export type Part = TextPart | VariablePart | SubstitutionPart;

interface Piece {
  readonly start: number;
  readonly end: number;
  readonly quoted: boolean;
}

export interface TextPart extends Piece {
  readonly kind: "text";
  /** Without quotes and backslashes. */
  readonly text: string;
}

export interface VariablePart extends Piece {
  readonly kind: "variable";
  /** A name, a number, `?`, `#`, `@` or `*`. */
  readonly name: string;
  /** `${name:-fallback}`: what stands for an unset or empty one. */
  readonly fallback: string | undefined;
}

export interface SubstitutionPart extends Piece {
  readonly kind: "substitution";
  /** What stands between `$(` and `)`. */
  readonly source: string;
}

export interface WordToken {
  readonly kind: "word";
  readonly start: number;
  readonly end: number;
  readonly parts: readonly Part[];
  /** `name` follows `set` or `alias` where an unquoted `=` comes next. */
  readonly role: "command" | "argument" | "target" | "name";
}

export interface OperatorToken {
  readonly kind: "operator";
  readonly start: number;
  readonly end: number;
  readonly text: ";" | "\n" | "&&" | "||" | "|" | "!" | "=";
}

export interface RedirectToken {
  readonly kind: "redirect";
  readonly start: number;
  readonly end: number;
  /** The descriptor, or 1 and 2 at once. */
  readonly from: 0 | 1 | 2 | "both";
  readonly mode: "read" | "write" | "append" | "duplicate";
  /** What `duplicate` copies. */
  readonly to: 1 | 2 | undefined;
}

export interface ShellToken {
  readonly kind: "shell";
  readonly start: number;
  readonly end: number;
}

export interface CommentToken {
  readonly kind: "comment";
  readonly start: number;
  readonly end: number;
}

export type Token = WordToken | OperatorToken | RedirectToken | ShellToken | CommentToken;

export interface Mistake {
  readonly at: number;
  readonly message: string;
  readonly hint?: string;
}

export interface Tokens {
  readonly tokens: readonly Token[];
  readonly open: Open | undefined;
  /** Where what is open begins. */
  readonly openAt: number;
  /** The first thing that cannot be meant. */
  readonly mistake: Mistake | undefined;
}

/** The text of a word that needs no expansion; undefined for one that does. */
export function literalText(word: WordToken): string | undefined {
  let text = "";
  for (const part of word.parts) {
    if (part.kind !== "text") return undefined;
    text += part.text;
  }
  return text;
}

/** The text of a word in which nothing is quoted or expanded; undefined for any other. */
export function bareText(word: WordToken): string | undefined {
  const [part, another] = word.parts;
  if (part?.kind !== "text" || another !== undefined || part.quoted) return undefined;
  return part.text.length === part.end - part.start ? part.text : undefined;
}
