import type { Command, CommandSpec, Completion, FlagSpec } from "../cli/command.ts";
import type { CommandEntry } from "../cli/command-table.ts";
import { flagsOf } from "../cli/flags-of.ts";
import { GLOBAL_FLAGS } from "../cli/global-flags.ts";
import { quoteWord, scanLine, type Word } from "./split-words.ts";

/** Where the values of a completion come from; the kinds are those of the specification. */
export type Candidates = (kind: Completion, prefix: string) => Promise<readonly string[]>;

export interface CompletionSources {
  readonly table: readonly CommandEntry[];
  /** Words that the shell itself knows. */
  readonly builtins: readonly string[];
  readonly candidates: Candidates;
}

/**
 * What the last word of the text can become, and that word as typed. A single candidate ends with a
 * blank, so that the next word can follow. Everything comes from the specifications: a new verb
 * needs nothing here.
 */
export async function completeLine(
  text: string,
  sources: CompletionSources,
): Promise<[string[], string]> {
  const { words, open, comment, operator } = scanLine(text);
  if (open !== undefined || comment !== undefined || operator !== undefined) return [[], ""];
  const last = words.at(-1);
  const current: Word =
    last !== undefined && last.end === text.length
      ? last
      : { text: "", start: text.length, end: text.length };
  const before = words.filter((word) => word !== current).map((word) => word.text);
  const typed = text.slice(current.start);
  const found = await candidatesFor(before, current.text, sources);
  const matching = [...new Set(found)].filter((candidate) => candidate.startsWith(current.text));
  // Of a quoted word only what was typed can be replaced: leave it unless it needs no quotes.
  if (typed !== current.text) return [[], typed];
  if (matching.length !== 1) return [matching.sort(), typed];
  const only = matching[0] ?? "";
  const quoted = quoteWord(only);
  if (!quoted.startsWith(typed)) return [[], typed];
  return [[/[=/]$/.test(only) ? quoted : `${quoted} `], typed];
}

async function candidatesFor(
  before: readonly string[],
  prefix: string,
  sources: CompletionSources,
): Promise<readonly string[]> {
  const globals = skipGlobalFlags(before);
  if (globals.wantsValue !== undefined)
    return await flagValues(globals.wantsValue, prefix, sources);
  const verb = before[globals.next];
  if (verb === undefined) {
    if (prefix.startsWith("-")) return longFlags(GLOBAL_FLAGS);
    return [...verbNames(sources.table), ...sources.builtins];
  }
  if (verb === "help") return verbNames(sources.table);
  const command = await loadCommand(verb, sources.table);
  if (command === undefined) return [];
  return await candidatesOfVerb(command.spec, before.slice(globals.next + 1), prefix, sources);
}

async function candidatesOfVerb(
  spec: CommandSpec,
  words: readonly string[],
  prefix: string,
  sources: CompletionSources,
): Promise<readonly string[]> {
  let positionals = 0;
  let endOfFlags = false;
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? "";
    if (spec.stopAfterArgs !== undefined && positionals >= spec.stopAfterArgs) return [];
    if (!endOfFlags && word === "--") endOfFlags = true;
    else if (endOfFlags || !word.startsWith("-") || word === "-") positionals++;
    else {
      const flag = flagThatWantsValue(word, flagsOf(spec));
      if (flag === undefined) continue;
      if (index === words.length - 1) return await flagValues(flag, prefix, sources);
      index++;
    }
  }
  if (spec.stopAfterArgs !== undefined && positionals >= spec.stopAfterArgs) return [];
  if (!endOfFlags && prefix.startsWith("-")) return await flagCandidates(spec, prefix, sources);
  const arg = spec.args[Math.min(positionals, spec.args.length - 1)];
  if (arg === undefined || (positionals >= spec.args.length && arg.variadic !== true)) return [];
  const kind = arg.completion ?? spec.object;
  return kind === undefined ? [] : await sources.candidates(kind, prefix);
}

async function flagCandidates(
  spec: CommandSpec,
  prefix: string,
  sources: CompletionSources,
): Promise<readonly string[]> {
  const equals = prefix.indexOf("=");
  if (equals < 0) return [...longFlags(flagsOf(spec)), "--help"];
  const name = prefix.slice(2, equals);
  const flag = flagsOf(spec).find((known) => known.name === name || known.aliases?.includes(name));
  if (flag === undefined) return [];
  const values = await flagValues(flag, prefix.slice(equals + 1), sources);
  return values.map((value) => `--${name}=${value}`);
}

async function flagValues(
  flag: FlagSpec,
  prefix: string,
  sources: CompletionSources,
): Promise<readonly string[]> {
  if (flag.values !== undefined) return flag.values;
  if (flag.completion !== undefined) return await sources.candidates(flag.completion, prefix);
  return flag.type === "path" ? await sources.candidates("file", prefix) : [];
}

/** The flag whose value is the next word: a long one without `=`, or the last letter of short ones. */
function flagThatWantsValue(word: string, flags: readonly FlagSpec[]): FlagSpec | undefined {
  if (word.includes("=")) return undefined;
  const name = word.replace(/^--?/, "");
  const long = [...flags, ...GLOBAL_FLAGS].find(
    (flag) => flag.name === name || flag.aliases?.includes(name),
  );
  if (long !== undefined) return long.type === "boolean" ? undefined : long;
  if (word.startsWith("--")) return undefined;
  for (let at = 0; at < name.length; at++) {
    const flag = flags.find((known) => known.short === name.charAt(at));
    if (flag === undefined) return undefined;
    if (flag.type !== "boolean") return at === name.length - 1 ? flag : undefined;
  }
  return undefined;
}

function skipGlobalFlags(words: readonly string[]): { next: number; wantsValue?: FlagSpec } {
  let next = 0;
  while (words[next]?.startsWith("-")) {
    const flag = flagThatWantsValue(words[next] ?? "", GLOBAL_FLAGS);
    if (flag !== undefined && next === words.length - 1)
      return { next: next + 1, wantsValue: flag };
    next += flag === undefined ? 1 : 2;
  }
  return { next };
}

function longFlags(flags: readonly FlagSpec[]): string[] {
  return flags.filter((flag) => flag.hidden !== true).map((flag) => `--${flag.name}`);
}

function verbNames(table: readonly CommandEntry[]): string[] {
  return table.map((entry) => entry.name);
}

async function loadCommand(
  verb: string,
  table: readonly CommandEntry[],
): Promise<Command | undefined> {
  const entry = table.find((known) => known.name === verb || known.aliases.includes(verb));
  return await entry?.load();
}
