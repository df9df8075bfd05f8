import { scanTokens } from "./scan-tokens.ts";
import { bareText, type Token, type WordToken } from "./token.ts";
import { countPrefixes } from "./verb-index.ts";

/** What stands at the cursor: for completion. */
export interface CommandAt {
  /**
   * The words before the current one in its command, unquoted, expansions as typed; without
   * `crish`, `time` and `watch`, and with an alias's words in the place of the alias.
   */
  readonly words: readonly string[];
  readonly current: CurrentWord;
  /** `variable`: the current word is a variable's name, `text` without the `$`. */
  readonly where: "verb" | "argument" | "shell" | "file" | "variable" | "comment";
}

export interface CurrentWord {
  /** What was typed of it, unquoted. */
  readonly text: string;
  /** Where it begins, its quotes included: what is inserted replaces all from here to the cursor. */
  readonly start: number;
}

const MAX_DEPTH = 8;

/** Of a text that may be anything, the part before the cursor. */
export function commandAt(
  text: string,
  cursor: number,
  aliases: ReadonlyMap<string, string> = new Map(),
  depth = 0,
): CommandAt {
  const before = text.slice(0, cursor);
  const { tokens, open, openAt } = scanTokens(before);
  const last = tokens.at(-1);
  if (open === "$(" && depth < MAX_DEPTH) {
    const start = openAt + 2;
    const inside = commandAt(before.slice(start), cursor - start, aliases, depth + 1);
    const current = { ...inside.current, start: inside.current.start + start };
    return { ...inside, current };
  }
  const nothing = { text: "", start: cursor };
  if (last?.kind === "comment" && last.end === cursor) {
    return { words: [], current: nothing, where: "comment" };
  }
  if (isInShell(tokens, before)) {
    const start = cursor - (/(?!!)[^\s|&;<>()]*$/.exec(before)?.[0].length ?? 0);
    return { words: [], current: { text: before.slice(start), start }, where: "shell" };
  }
  const isCurrent = last?.kind === "word" && last.end === cursor;
  const variable = isCurrent ? variableAt(last, before) : undefined;
  const words = wordsOfCommand(isCurrent ? tokens.slice(0, -1) : tokens, before, aliases, depth);
  if (variable !== undefined) return { words, current: variable, where: "variable" };
  const current = isCurrent ? { text: textOf(last, before), start: last.start } : nothing;
  return { words, current, where: placeOf(tokens, isCurrent, words) };
}

function placeOf(
  tokens: readonly Token[],
  isCurrent: boolean,
  words: readonly string[],
): CommandAt["where"] {
  const last = tokens.at(-1);
  const isTarget = last?.kind === "redirect" && last.mode !== "duplicate";
  if (isTarget || (isCurrent && last?.kind === "word" && last.role === "target")) return "file";
  return words.length === 0 ? "verb" : "argument";
}

/** Whether the cursor stands in what /bin/sh gets. */
function isInShell(tokens: readonly Token[], before: string): boolean {
  const last = tokens.at(-1);
  if (last?.kind === "operator") return last.text === "|" || last.text === "!";
  if (last?.kind !== "shell") return false;
  return !/[;\n]|&&|\|\|/.test(before.slice(last.end));
}

/** The name that is being typed behind a `$`. */
function variableAt(word: WordToken, before: string): CurrentWord | undefined {
  const part = word.parts.at(-1);
  if (part === undefined || part.end !== before.length) return undefined;
  const typed = before.slice(part.start, part.end);
  const name = /(\$\{?)([A-Za-z_][A-Za-z0-9_]*)?$/.exec(typed);
  if (name === null || (part.kind === "text" && part.text.length < typed.length)) return undefined;
  if (part.kind === "text" && !/^\$\{?/.test(typed)) return undefined;
  const text = name[2] ?? "";
  return { text, start: before.length - text.length };
}

function wordsOfCommand(
  tokens: readonly Token[],
  before: string,
  aliases: ReadonlyMap<string, string>,
  depth: number,
): readonly string[] {
  let words: string[] = [];
  let first: WordToken | undefined;
  for (const token of tokens) {
    if (token.kind === "operator" || token.kind === "shell") {
      words = [];
      first = undefined;
    } else if (token.kind === "word" && token.role !== "target") {
      first ??= token;
      words.push(textOf(token, before));
    }
  }
  const aliased = first === undefined ? undefined : aliases.get(bareText(first) ?? "");
  if (aliased !== undefined && depth < MAX_DEPTH) {
    const line = `${aliased} `;
    words.splice(0, 1, ...commandAt(line, line.length, aliases, depth + 1).words);
  }
  return words.slice(countPrefixes(words));
}

function textOf(word: WordToken, before: string): string {
  return word.parts
    .map((part) => (part.kind === "text" ? part.text : before.slice(part.start, part.end)))
    .join("");
}
