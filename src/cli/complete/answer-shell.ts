/**
 * What the completion scripts ask: `crish internal complete SHELL …`. It has 100 ms for the whole
 * process, writes no errors and always ends with 0: without an answer of the runtime it tells what
 * is known without one. It loads neither oclif nor the process's streams.
 *
 *   bash LINE BREAKS            the line up to the cursor, and COMP_WORDBREAKS
 *   zsh | fish CURRENT WORD…    the word before the cursor, and those before it, the program first
 *
 * The answer's first line says what the shell does besides: `files` completes names of files,
 * `nospace` leaves the word open. Each further line is a candidate; for zsh and fish text, `+` for
 * one that goes on, and note, parted by tabs; for bash as it is inserted.
 */
import { escapeControl } from "../../output/escape-control.ts";
import type { FlagValue } from "../command.ts";
import { COMMAND_TABLE } from "../command-table.ts";
import type { Candidate, WantedValue } from "./candidate.ts";
import { completeWords } from "./complete-words.ts";
import { globalValuesBefore } from "./global-values.ts";
import { hostFiles } from "./host-files.ts";
import { createLiveSource } from "./live-source.ts";
import { type CurrentWord, readShellWords } from "./read-shell-words.ts";
import { settingsLists } from "./settings-lists.ts";

export interface ShellQuestion {
  /** Without `internal complete`. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/** What the shell may be kept waiting for the runtime. */
const PATIENCE_MS = 80;

/** The lines to print. Never rejects. */
export async function answerShell(question: ShellQuestion): Promise<string> {
  const { argv } = question;
  try {
    if (argv[0] === "bash") return await answerBash(argv[1] ?? "", argv[2] ?? "", question);
    const current = readShellWords(argv[1] ?? "").current.text;
    return await answerByWords(argv.slice(3), current, question);
  } catch {
    return "";
  }
}

async function answerBash(line: string, breaks: string, question: ShellQuestion): Promise<string> {
  const { words, current } = readShellWords(line, breaks);
  const { candidates, files } = await complete(words.slice(1), current.text, question);
  // Readline completes file names from the same place, unless the flag stands before it.
  const own = files === undefined ? candidates : await ownFiles(files, current, question);
  if (own === undefined) return "files";
  const first = own.some(({ isPartial }) => isPartial === true) ? "nospace" : "";
  return [first, ...own.map(({ text }) => quoteForBash(text.slice(current.kept), current))].join(
    "\n",
  );
}

async function ownFiles(
  { attachedTo = "", prefix }: WantedValue,
  { kept }: CurrentWord,
  { cwd, env }: ShellQuestion,
): Promise<readonly Candidate[] | undefined> {
  if (kept >= attachedTo.length) return undefined;
  const found = await hostFiles(prefix, { cwd, home: env.HOME });
  return found.map((candidate) => ({ ...candidate, text: attachedTo + candidate.text }));
}

async function answerByWords(
  words: readonly string[],
  current: string,
  question: ShellQuestion,
): Promise<string> {
  const { candidates, files } = await complete(words, current, question);
  const lines = candidates.map(({ text, note = "", isPartial }) =>
    [text, isPartial === true ? "+" : "", escapeControl(note)].join("\t"),
  );
  return [files === undefined ? "" : "files", ...lines].join("\n");
}

async function complete(
  words: readonly string[],
  current: string,
  { cwd, env }: ShellQuestion,
): Promise<{ candidates: readonly Candidate[]; files: WantedValue | undefined }> {
  let files: WantedValue | undefined;
  const flags: Record<string, FlagValue> = await globalValuesBefore(words, COMMAND_TABLE);
  const candidates = await completeWords({
    words,
    current,
    table: COMMAND_TABLE,
    candidates: createLiveSource({
      lists: settingsLists({ flags, env, timeoutMs: PATIENCE_MS }),
      env,
      patienceMs: PATIENCE_MS,
      async files(wanted) {
        files = wanted;
        return [];
      },
    }),
  });
  if (files === undefined || candidates.length === 0) return { candidates, files };
  // A shell that completes files offers nothing else: these are among other candidates.
  const found = await hostFiles(current, { cwd, home: env.HOME });
  return { candidates: [...candidates, ...found], files: undefined };
}

/** As the rest of a word that was begun so. */
function quoteForBash(text: string, { quote }: CurrentWord): string {
  if (quote === "'") return text.replaceAll("'", "'\\''");
  if (quote === '"') return text.replaceAll(/[$`"\\]/g, "\\$&");
  return text.replaceAll(/[\s'"\\#|&;<>$`*?(){}[\]!]/g, "\\$&");
}
