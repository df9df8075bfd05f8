import type { Candidate, CandidateSource } from "../cli/complete/candidate.ts";
import { completeWords, type SpecEntry } from "../cli/complete/complete-words.ts";
import type { CompletionCandidate, Completions } from "./editor/completions.ts";
import { scanLine, type Word } from "./split-words.ts";

export interface CompletionSources {
  readonly table: readonly SpecEntry[];
  /** Words that the shell itself knows. */
  readonly builtins: readonly SpecEntry[];
  /** Further first words: aliases. */
  readonly firstWords?: readonly Candidate[];
  readonly candidates: CandidateSource;
  /** What stands in for an object that is not named, as full IDs. */
  readonly defaultObjects?: { readonly pod?: string; readonly container?: string } | undefined;
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
  const { words, open, comment, operator } = scanLine(text.slice(0, cursor));
  const nothing = { candidates: [], start: cursor };
  if (open === "\\" || comment !== undefined || operator !== undefined) return nothing;
  const last = words.at(-1);
  const current: Word =
    last !== undefined && last.end === cursor ? last : { text: "", start: cursor, end: cursor };
  const found = await completeWords({
    ...sources,
    words: words.filter((word) => word !== current).map((word) => word.text),
    current: current.text,
  });
  const quoting = quotingOf(text.charAt(current.start));
  return {
    candidates: found.map((candidate) => toCompletion(candidate, quoting)),
    start: current.start,
  };
}

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
