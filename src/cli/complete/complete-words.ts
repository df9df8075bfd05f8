/**
 * Completion: from the words of a line to what the current one can become. This room reads the
 * specifications and nothing else of a verb, so a new verb needs nothing here. The shell inside and
 * the scripts for bash, zsh and fish both ask here; where objects, paths and files come from is
 * handed in.
 */
import { escapeControl } from "../../output/escape-control.ts";
import type { Command, CommandSpec } from "../command.ts";
import { expandScriptFlag } from "../script-flag.ts";
import { findSubcommand, subcommandName } from "../subcommands.ts";
import type { Candidate, CandidateSource } from "./candidate.ts";
import { flagCandidates, flagValueCandidates } from "./flag-candidates.ts";
import {
  FLAGS_BEFORE_VERB,
  flagsBehindVerb,
  type KnownFlags,
  type ScannedBefore,
  scanBefore,
} from "./scan-before.ts";

/** What has a specification and a name: a verb of the table, or a shell's own command. */
export interface SpecEntry {
  readonly name: string;
  readonly aliases: readonly string[];
  load(): Promise<SpecHolder>;
}

type SpecHolder = Pick<Command, "spec" | "subcommands">;

export interface CompletionRequest {
  /** The words before the current one, without the program's own name, unquoted. */
  readonly words: readonly string[];
  /** What was typed of the current word, unquoted. */
  readonly current: string;
  readonly table: readonly SpecEntry[];
  /** Commands that a shell has besides the table's; they go before them. */
  readonly builtins?: readonly SpecEntry[];
  /** Further first words with their meaning: a shell's aliases. */
  readonly firstWords?: readonly Candidate[];
  readonly candidates: CandidateSource;
  /** What stands in for an object that is not named: full IDs, and the pod as `default/web`. */
  readonly defaultObjects?: DefaultNames | undefined;
}

export interface DefaultNames {
  readonly pod?: string;
  readonly podPath?: string;
  readonly container?: string;
}

/** The verb that help is, wherever commands are run. */
const HELP: CommandSpec = {
  name: "help",
  summary: "list the commands, or explain one",
  examples: [],
  args: [{ name: "command", meaning: "a command", required: false, completion: "verb" }],
  flags: [],
  group: "shell",
};

const HELP_ENTRY: SpecEntry = { name: HELP.name, aliases: [], load: async () => ({ spec: HELP }) };

/**
 * What the current word can become, each beginning with what was typed of it, best first. Never
 * rejects; how long it takes is the patience of the source.
 */
export async function completeWords(request: CompletionRequest): Promise<readonly Candidate[]> {
  const found = await findCandidates(request);
  const seen = new Set<string>();
  return found.filter(({ text }) => {
    if (seen.has(text) || !text.startsWith(request.current)) return false;
    seen.add(text);
    // What a terminal would obey is not typed into a line.
    return escapeControl(text) === text;
  });
}

async function findCandidates(request: CompletionRequest): Promise<readonly Candidate[]> {
  const { current } = request;
  const before = scanBefore(expandScriptFlag(request.words), FLAGS_BEFORE_VERB, 1);
  if (before.wantsValue !== undefined) {
    return await flagValueCandidates(before.wantsValue, before, request);
  }
  const verb = before.positionals[0];
  if (verb === undefined) {
    if (!before.endOfFlags && current.startsWith("-")) {
      return await flagCandidates(FLAGS_BEFORE_VERB, before, request);
    }
    return await verbCandidates(request, "all");
  }
  const command = await commandOf(verb, request);
  if (command === undefined) return [];
  const words = before.rest ?? [];
  const subcommand = findSubcommand(command, words[0]);
  const { spec } = subcommand ?? command;
  const known = flagsBehindVerb(spec);
  const scanned = scanBefore(subcommand ? words.slice(1) : words, known, spec.stopAfterArgs);
  const found = await behindVerb(spec, known, scanned, request);
  if (words.length > 0 || current.startsWith("-")) return found;
  return [...subcommandCandidates(command), ...found];
}

function subcommandCandidates({ spec, subcommands = [] }: SpecHolder): readonly Candidate[] {
  return subcommands
    .filter((each) => each.spec.hidden !== true)
    .map((each) => ({ text: subcommandName(spec, each.spec), note: each.spec.summary }));
}

async function behindVerb(
  spec: CommandSpec,
  known: KnownFlags,
  scanned: ScannedBefore,
  request: CompletionRequest,
): Promise<readonly Candidate[]> {
  if (scanned.wantsValue !== undefined) {
    return await flagValueCandidates(scanned.wantsValue, scanned, request, spec);
  }
  if (scanned.rest !== undefined) return await restCandidates(spec, scanned, request);
  if (!scanned.endOfFlags && request.current.startsWith("-")) {
    return await flagCandidates(known, scanned, request, spec);
  }
  return await argumentCandidates(spec, scanned, request);
}

async function argumentCandidates(
  spec: CommandSpec,
  { positionals }: ScannedBefore,
  request: CompletionRequest,
): Promise<readonly Candidate[]> {
  const index = Math.min(positionals.length, spec.args.length - 1);
  const arg = spec.args[index];
  if (arg === undefined || (positionals.length > index && arg.variadic !== true)) return [];
  const kind = arg.completion ?? spec.object;
  if (kind === undefined) return [];
  if (kind === "verb") return await verbCandidates(request, "shown");
  const objects = await request.candidates({
    kind,
    prefix: request.current,
    given: arg.variadic === true ? positionals.slice(index) : [],
    before: positionals[index - 1],
    states: kind === spec.object ? spec.objectStates : undefined,
    container: kind === "container-path" ? positionals[0] : undefined,
  });
  const { container, podPath } = request.defaultObjects ?? {};
  if (spec.restCompletion === undefined || (container ?? podPath) === undefined) return objects;
  // In a context the command of its container may come at once.
  return [...objects, ...(await restOf(spec, { words: [], container }, request))];
}

async function restCandidates(
  spec: CommandSpec,
  { positionals, rest = [], endOfFlags }: ScannedBefore,
  request: CompletionRequest,
): Promise<readonly Candidate[]> {
  const words = rest[0] === "--" && !endOfFlags ? rest.slice(1) : rest;
  // What `time` and `watch` run is a command line of its own.
  if (spec.restCompletion === "verb") return await findCandidates({ ...request, words });
  return await restOf(spec, { words, container: positionals[0] }, request);
}

async function restOf(
  spec: CommandSpec,
  place: { readonly words: readonly string[]; readonly container: string | undefined },
  { candidates, current, defaultObjects }: CompletionRequest,
): Promise<readonly Candidate[]> {
  const kind = spec.restCompletion;
  if (kind === undefined) return [];
  return await candidates({
    kind,
    prefix: current,
    given: [],
    container: place.container,
    contextContainer: defaultObjects?.container,
    contextPod: defaultObjects?.podPath,
    isProgram: place.words.length === 0,
  });
}

async function verbCandidates(
  request: CompletionRequest,
  which: "all" | "shown",
): Promise<readonly Candidate[]> {
  const loaded = await Promise.all(entriesOf(request).map((entry) => entry.load()));
  const shown = loaded
    .filter(({ spec }) => spec.hidden !== true)
    .map(({ spec }) => ({ text: spec.name, note: spec.summary }));
  return which === "all" ? [...shown, ...(request.firstWords ?? [])] : shown;
}

async function commandOf(
  verb: string,
  request: CompletionRequest,
): Promise<SpecHolder | undefined> {
  const entry = entriesOf(request).find(
    ({ name, aliases }) => name === verb || aliases.includes(verb),
  );
  return await entry?.load();
}

function entriesOf({ table, builtins = [] }: CompletionRequest): readonly SpecEntry[] {
  const all = [...builtins, ...table];
  return all.some(({ name }) => name === HELP.name) ? all : [...all, HELP_ENTRY];
}
