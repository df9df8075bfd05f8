import { nearestName } from "../errors/nearest-name.ts";
import { StatusError } from "../errors/status-error.ts";
import type { Command, CommandSpec } from "./command.ts";
import { LATER_GLOBAL_FLAGS } from "./global-flags.ts";
import { type ScannedArguments, scanArguments } from "./scan-arguments.ts";

/** A command with the words behind its name. */
export interface CommandWords {
  readonly command: Command;
  readonly words: readonly string[];
}

/** `use` of `context use`: what is typed behind the verb. */
export function subcommandName(parent: CommandSpec, { name }: CommandSpec): string {
  return name.slice(parent.name.length + 1);
}

/** The subcommand that goes by that word, its name or an alias. */
export function findSubcommand(
  { spec, subcommands = [] }: Pick<Command, "spec" | "subcommands">,
  word: string | undefined,
): Command | undefined {
  return subcommands.find(
    (each) =>
      word !== undefined &&
      (subcommandName(spec, each.spec) === word || each.spec.aliases?.includes(word)),
  );
}

/**
 * The subcommand that a verb's words begin with, and the words that are left; the verb itself where
 * they do not. Only global flags may stand before its name: behind a flag of the verb's own and
 * behind `--` the same word is an argument (`create -- jsonschema …`). Throws InvalidArgument where
 * the verb has no arguments that the word could be.
 */
export function enterSubcommand(given: CommandWords): CommandWords {
  const { command, words } = given;
  if (command.subcommands === undefined) return given;
  const scanned = scanGlobals(words);
  const [word] = scanned?.positionals ?? [];
  if (scanned === undefined || word === undefined || scanned.dashes === "before") return given;
  const subcommand = findSubcommand(command, word);
  if (subcommand !== undefined) {
    const behind = scanned.rest.length + (scanned.dashes === "behind" ? 1 : 0);
    return { command: subcommand, words: words.toSpliced(words.length - behind - 1, 1) };
  }
  if (command.spec.args.length > 0) return given;
  throw unknownSubcommand(command, word);
}

/** Undefined where a flag of the verb's own comes first. */
function scanGlobals(words: readonly string[]): ScannedArguments | undefined {
  try {
    return scanArguments(words, { flags: [], longOnly: LATER_GLOBAL_FLAGS, stopAfterArgs: 1 });
  } catch {
    return undefined;
  }
}

function unknownSubcommand({ spec, subcommands = [] }: Command, word: string): StatusError {
  const names = subcommands.map((each) => subcommandName(spec, each.spec));
  const near = nearestName(word, names);
  const hint = near === undefined ? `there is ${names.join(", ")}` : `did you mean ${near}?`;
  return new StatusError("InvalidArgument", `unknown command "${spec.name} ${word}"`, { hint });
}
