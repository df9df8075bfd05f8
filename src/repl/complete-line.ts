import type { Candidate, CandidateSource } from "../cli/complete/candidate.ts";
import {
  completeWords,
  type DefaultNames,
  type SpecEntry,
} from "../cli/complete/complete-words.ts";
import { completeBuiltin } from "./complete-builtin.ts";
import type { CompletionCandidate, Completions } from "./editor/index.ts";
import { type CommandAt, commandAt } from "./language/command-at.ts";

export interface CompletionSources {
  readonly table: readonly SpecEntry[];
  /** Words that the shell itself knows. */
  readonly builtins: readonly SpecEntry[];
  /** Names to command lines. */
  readonly aliases: ReadonlyMap<string, string>;
  readonly variables: readonly string[];
  readonly candidates: CandidateSource;
  /** What stands in for an object that is not named. */
  readonly defaultObjects?: DefaultNames | undefined;
}

/**
 * What can stand in the text instead of the word before the cursor: quoted as that word is, and
 * with a blank where the next word can follow.
 */
export async function completeLine(
  text: string,
  cursor: number,
  sources: CompletionSources,
): Promise<Completions> {
  const at = commandAt(text, cursor, sources.aliases);
  const { current } = at;
  const found = await candidatesAt(at, text.slice(0, current.start), sources);
  const quoting = quotingOf(text.charAt(current.start));
  return {
    candidates: found
      .filter((candidate) => candidate.text.startsWith(current.text))
      .map((candidate) => toCompletion(candidate, quoting)),
    start: current.start,
  };
}

async function candidatesAt(
  { words, current, where }: CommandAt,
  before: string,
  sources: CompletionSources,
): Promise<readonly Candidate[]> {
  const files = { kind: "file", prefix: current.text, given: [] } as const;
  switch (where) {
    case "comment":
      return [];
    case "variable":
      return sources.variables.map((text) => ({ text, isPartial: true }));
    // What /bin/sh runs: programs, and files, which those mostly take.
    case "shell":
      return await sources.candidates({ ...files, isProgram: BEGINS_COMMAND.test(before) });
    case "file":
      return await sources.candidates(files);
    default: {
      const own = completeBuiltin(words, sources);
      if (own !== undefined) return own;
      const firstWords = [...sources.aliases].map(([name, line]) => ({ text: name, note: line }));
      return await completeWords({ ...sources, firstWords, words, current: current.text });
    }
  }
}

/** Of a command line of sh: the next word is a program. */
const BEGINS_COMMAND = /(?:[|!;&({`]|\b(?:do|then|else))\s*$/;

interface Quoting {
  quote(word: string): string;
  /** What ends the quotes, where the word goes on without it. */
  readonly end: string;
}

function toCompletion(candidate: Candidate, { quote, end }: Quoting): CompletionCandidate {
  const { text, note, isPartial } = candidate;
  const isOpen = isPartial === true || text.endsWith("=");
  const described = note === undefined ? { display: text } : { display: text, note };
  return { text: quote(text) + (isOpen ? "" : `${end} `), ...described };
}

/** In the way in which the word was begun: what is inserted then begins with what was typed. */
function quotingOf(first: string): Quoting {
  if (first === "'") {
    return { quote: (word) => `'${word.replaceAll("'", "'\\''")}`, end: "'" };
  }
  if (first === '"') {
    return { quote: (word) => `"${word.replaceAll(/[$`"\\]/g, "\\$&")}`, end: '"' };
  }
  return {
    quote: (word) => word.replaceAll(/[\s'"\\#|&;<>$`*?(){}[\]!]/g, "\\$&"),
    end: "",
  };
}
