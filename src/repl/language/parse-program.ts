import { isAliasName } from "../../config/alias-name.ts";
import type {
  Alias,
  Incomplete,
  List,
  ListItem,
  Malformed,
  Pipeline,
  Program,
  Redirect,
} from "./program.ts";
import { scanTokens } from "./scan-tokens.ts";
import {
  literalText,
  type Mistake,
  type OperatorToken,
  type SubstitutionPart,
  type Token,
  type WordToken,
} from "./token.ts";

/** `$(…)` within `$(…)`, as deep as anybody goes. */
const MAX_DEPTH = 16;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** The program that the text is. Never throws, and takes time in proportion to the text. */
export function parseProgram(text: string, depth = 0): Program | Incomplete | Malformed {
  const { tokens, open, openAt, mistake } = scanTokens(text);
  if (mistake !== undefined) return { kind: "malformed", ...mistake };
  if (open !== undefined) return { kind: "incomplete", open, at: openAt };
  const parser = createParser(text, tokens, depth);
  const lists: List[] = [];
  while (parser.skip(";", "\n")) {
    const list = parseList(parser);
    if (list.length > 0) lists.push(list);
    if (parser.mistake !== undefined) return { kind: "malformed", ...parser.mistake };
    if (parser.open !== undefined) return { kind: "incomplete", ...parser.open };
  }
  if (parser.mistake !== undefined) return { kind: "malformed", ...parser.mistake };
  return { kind: "program", lists };
}

/** Whether Enter ends the text: nothing in it waits for another line. */
export function isComplete(text: string): boolean {
  return parseProgram(text).kind !== "incomplete";
}

interface Parser {
  readonly text: string;
  readonly depth: number;
  mistake: Mistake | undefined;
  open: { readonly open: "&&" | "||"; readonly at: number } | undefined;
  peek(): Token | undefined;
  take(): Token | undefined;
  /** Passes newlines and, between two lists, a `;`; false at the end or at a mistake. */
  skip(...separators: OperatorToken["text"][]): boolean;
  lineAt(offset: number): number;
}

function createParser(text: string, all: readonly Token[], depth: number): Parser {
  const tokens = all.filter((token) => token.kind !== "comment");
  let index = 0;
  let line = 1;
  let counted = 0;
  const parser: Parser = {
    ...{ text, depth, mistake: undefined, open: undefined },
    peek: () => tokens[index],
    take: () => tokens[index++],
    skip(...separators) {
      let isFirst = index === 0;
      for (;;) {
        const token = tokens[index];
        if (token === undefined) return false;
        if (token.kind !== "operator" || !separators.includes(token.text)) return true;
        const isBare = isFirst || isSeparator(tokens[index - 1]);
        if (token.text === ";" && isBare) {
          refuse(parser, token, `nothing stands before "${token.text}"`);
          return false;
        }
        isFirst = false;
        index++;
      }
    },
    lineAt(offset) {
      for (; counted < offset; counted++) if (text.charCodeAt(counted) === 10) line++;
      return line;
    },
  };
  return parser;
}

function isSeparator(token: Token | undefined): boolean {
  return token?.kind === "operator" && (token.text === ";" || token.text === "\n");
}

function parseList(parser: Parser): List {
  const items: ListItem[] = [];
  let when: ListItem["when"] = "always";
  for (;;) {
    const pipeline = parsePipeline(parser);
    if (pipeline === undefined) return items;
    items.push({ when, pipeline });
    const operator = parser.peek();
    if (operator?.kind !== "operator" || !isJoint(operator.text)) {
      refuseNeighbour(parser, operator);
      return items;
    }
    parser.take();
    when = operator.text === "&&" ? "success" : "failure";
    // A list may go on in the next line.
    if (!parser.skip("\n")) {
      parser.open = { open: operator.text, at: operator.start };
      return items;
    }
  }
}

function isJoint(text: OperatorToken["text"]): text is "&&" | "||" {
  return text === "&&" || text === "||";
}

/** After a pipeline nothing can stand but a separator. */
function refuseNeighbour(parser: Parser, token: Token | undefined): void {
  if (token === undefined || isSeparator(token) || parser.mistake !== undefined) return;
  refuse(parser, token, `"${parser.text.slice(token.start, token.end)}" has no meaning here`);
}

/** Undefined where none begins, which is a mistake. */
function parsePipeline(parser: Parser): Pipeline | undefined {
  const first = parser.peek();
  if (first === undefined) return undefined;
  const { start } = first;
  const line = parser.lineAt(start);
  const words: WordToken[] = [];
  const redirects: Redirect[] = [];
  let assigned: Assignment | undefined;
  let shell: string | undefined;
  let isBang = false;
  let end = start;
  for (;;) {
    const token = parser.peek();
    if (token === undefined) break;
    if (token.kind === "operator") {
      if (token.text === "=") {
        if (redirects.length > 0) refuse(parser, token, "a redirection stands behind the =");
        assigned = parseAssignment(parser, words, token);
      } else if (token.text === "!") isBang = true;
      else if (token.text !== "|") break;
    } else if (token.kind === "word") {
      refuseBadSubstitutions(parser, token);
      words.push(token);
    } else if (token.kind === "redirect") {
      parser.take();
      redirects.push({ ...token, target: targetOf(parser, token) });
      end = redirects.at(-1)?.target?.end ?? token.end;
      continue;
    } else if (token.kind === "shell") {
      shell = parser.text.slice(token.start, token.end);
    }
    parser.take();
    end = token.end;
  }
  const isEmpty = words.length === 0 && redirects.length === 0;
  if (isEmpty && (shell === undefined || !isBang)) return refuseEmpty(parser, first, assigned);
  const command = isEmpty ? undefined : { words, redirects };
  if (assigned?.verb === "alias") {
    const alias = toAlias(assigned, parser.text.slice(assigned.end, end), words);
    return { line, start, end, capture: undefined, alias, command: undefined, shell: undefined };
  }
  return { line, start, end, capture: assigned?.name, alias: undefined, command, shell };
}

interface Assignment {
  readonly verb: string;
  readonly name: string;
  /** Where the `=` ends. */
  readonly end: number;
}

/** `set NAME =`: the words so far are taken away, what follows is a command. */
function parseAssignment(parser: Parser, words: WordToken[], operator: Token): Assignment {
  const [verbWord, nameWord] = words.splice(0);
  const verb = verbWord === undefined ? "" : (literalText(verbWord) ?? "");
  const literal = nameWord === undefined ? undefined : literalText(nameWord);
  const name = literal ?? "";
  if (!(verb === "alias" ? isAliasName(name) : NAME.test(name))) {
    const at = nameWord ?? operator;
    const shown = literal ?? parser.text.slice(at.start, at.end);
    const kind = verb === "alias" ? "an alias" : "a variable";
    refuse(parser, at, `"${shown}" is no name for ${kind}`);
  }
  return { verb, name, end: operator.end };
}

/** One quoted word is what it says; everything else is kept as it was typed. */
function toAlias(assigned: Assignment, typed: string, words: readonly WordToken[]): Alias {
  const [word] = words;
  const isOneWord = word !== undefined && typed.trim().length === word.end - word.start;
  const text = isOneWord ? literalText(word) : undefined;
  return { name: assigned.name, text: text ?? typed.trim() };
}

function targetOf(parser: Parser, redirect: Token & { kind: "redirect" }): WordToken | undefined {
  if (redirect.mode === "duplicate") return undefined;
  const token = parser.peek();
  if (token?.kind === "word") {
    parser.take();
    refuseBadSubstitutions(parser, token);
    return token;
  }
  const shown = parser.text.slice(redirect.start, redirect.end);
  refuse(parser, redirect, `no file follows "${shown}"`);
  return undefined;
}

function refuseEmpty(parser: Parser, first: Token, assigned: Assignment | undefined): undefined {
  const next = parser.peek();
  if (assigned !== undefined) {
    const hint = `a command stands there; for a text: ${assigned.verb} ${assigned.name} 'TEXT'`;
    refuse(parser, first, 'nothing follows "="', hint);
  } else {
    const token = next ?? first;
    const shown = parser.text.slice(token.start, token.end).replace("\n", "the end of the line");
    refuse(parser, token, `nothing stands before "${shown}"`);
  }
  return undefined;
}

function refuseBadSubstitutions(parser: Parser, word: WordToken): void {
  for (const part of word.parts) {
    if (part.kind === "substitution") refuseBadSubstitution(parser, part);
  }
}

function refuseBadSubstitution(parser: Parser, part: SubstitutionPart): void {
  if (parser.depth >= MAX_DEPTH) {
    refuse(parser, part, "commands are nested too deeply");
    return;
  }
  const inside = parseProgram(part.source, parser.depth + 1);
  const offset = part.start + 2;
  if (inside.kind === "malformed") {
    parser.mistake ??= { ...inside, at: inside.at + offset };
  } else if (inside.kind === "incomplete") {
    refuse(parser, part, `"${inside.open}" in $(…) is not finished`);
  }
}

function refuse(
  parser: Parser,
  { start }: { readonly start: number },
  message: string,
  hint?: string,
): void {
  parser.mistake ??= { at: start, message, ...(hint === undefined ? {} : { hint }) };
}
