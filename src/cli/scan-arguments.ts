/**
 * The first look at a command line: which words are flags, which are values, which are positionals.
 * oclif's parser comes after it and sees only unambiguous words, because on its own it would take
 * `--all=false` for `--all` and the positional "false", would look for flags behind exec's command,
 * and knows none of Go's forms (`-output json`, `-all`, `-o=json`).
 */
import { parseBoolean } from "../config/parse-boolean.ts";
import { nearestName } from "../errors/nearest-name.ts";
import { StatusError } from "../errors/status-error.ts";
import type { FlagSpec } from "./command.ts";

export interface ScanOptions {
  /** Flags known here, by long name and by short letter. */
  readonly flags: readonly FlagSpec[];
  /** Further flags, known by long name only. */
  readonly longOnly?: readonly FlagSpec[];
  /** All that follows this many positionals is `rest`. */
  readonly stopAfterArgs?: number | undefined;
}

export interface ScannedArguments {
  /** Values as typed, by the name of the flag, in order; "true" and "false" for booleans. */
  readonly values: ReadonlyMap<FlagSpec, readonly string[]>;
  readonly positionals: readonly string[];
  readonly rest: readonly string[];
  /** Where a `--` stood that was dropped: before a positional, or between them and the rest. */
  readonly dashes?: "before" | "behind";
  /** -h or --help was there, and no flag of the verb's own has that name. */
  readonly help: boolean;
}

/** Sorts the words. Throws InvalidArgument for unknown flags and missing or impossible values. */
export function scanArguments(argv: readonly string[], options: ScanOptions): ScannedArguments {
  const names = flagsByName(options);
  const values = new Map<FlagSpec, string[]>();
  const positionals: string[] = [];
  const stopAfter = options.stopAfterArgs ?? Number.POSITIVE_INFINITY;
  let index = 0;
  let help = false;
  let sawDashes = false;

  const record = (flag: FlagSpec, value: string) => {
    const list = values.get(flag);
    if (list === undefined) values.set(flag, [value]);
    else list.push(value);
  };
  const nextWord = (flag: FlagSpec, typed: string): string => {
    const word = argv[index];
    if (word === undefined) throw missingValue(flag, typed);
    index++;
    return word;
  };
  const takeLong = (name: string, typed: string, attached: string | undefined) => {
    const flag = names.long.get(name);
    if (flag === undefined) {
      if (name !== "help") throw unknownFlag(typed, names);
      help = true;
    } else if (flag.type === "boolean") {
      record(flag, booleanText(typed, attached));
    } else {
      record(flag, attached ?? nextWord(flag, typed));
    }
  };
  const takeShort = (letters: string, typed: string) => {
    for (let at = 0; at < letters.length; at++) {
      const letter = letters.charAt(at);
      const flag = names.short.get(letter);
      const after = letters.slice(at + 1);
      if (flag === undefined) {
        if (letter !== "h" || (after !== "" && at === 0)) throw unknownFlag(typed, names, letter);
        help = true;
      } else if (flag.type === "boolean") {
        record(flag, booleanText(typed, after.startsWith("=") ? after.slice(1) : undefined));
        if (after.startsWith("=")) return;
      } else {
        const attached = after.startsWith("=") ? after.slice(1) : after;
        record(flag, after === "" ? nextWord(flag, typed) : attached);
        return;
      }
    }
  };

  while (index < argv.length && positionals.length < stopAfter) {
    const word = argv[index] ?? "";
    index++;
    if (sawDashes || word === "-" || !word.startsWith("-")) {
      positionals.push(word);
      continue;
    }
    if (word === "--") {
      sawDashes = true;
      continue;
    }
    const equals = word.indexOf("=");
    const typed = equals === -1 ? word : word.slice(0, equals);
    const attached = equals === -1 ? undefined : word.slice(equals + 1);
    const isLong = word.startsWith("--");
    const name = typed.slice(isLong ? 2 : 1);
    if (isLong || (name.length > 1 && (names.long.has(name) || name === "help"))) {
      takeLong(name, typed, attached);
    } else {
      takeShort(word.slice(1), typed);
    }
  }
  const hasDashesBehind = !sawDashes && Number.isFinite(stopAfter) && argv[index] === "--";
  if (hasDashesBehind) index++;
  const dashes = sawDashes ? "before" : hasDashesBehind ? "behind" : undefined;
  const rest = argv.slice(index);
  return { values, positionals, rest, help, ...(dashes === undefined ? {} : { dashes }) };
}

interface FlagNames {
  readonly long: ReadonlyMap<string, FlagSpec>;
  readonly short: ReadonlyMap<string, FlagSpec>;
  /** Letters that mean something before the verb only. */
  readonly globalLetters: ReadonlyMap<string, FlagSpec>;
}

function flagsByName(options: ScanOptions): FlagNames {
  const long = new Map<string, FlagSpec>();
  const short = new Map<string, FlagSpec>();
  const globalLetters = new Map<string, FlagSpec>();
  for (const flag of options.longOnly ?? []) {
    for (const name of [flag.name, ...(flag.aliases ?? [])]) long.set(name, flag);
    if (flag.short !== undefined) globalLetters.set(flag.short, flag);
  }
  for (const flag of options.flags) {
    for (const name of [flag.name, ...(flag.aliases ?? [])]) long.set(name, flag);
    if (flag.short !== undefined) short.set(flag.short, flag);
  }
  return { long, short, globalLetters };
}

function booleanText(typed: string, attached: string | undefined): string {
  if (attached === undefined) return "true";
  const value = parseBoolean(attached);
  if (value === undefined) {
    throw new StatusError("InvalidArgument", `${typed} takes true or false, not "${attached}"`);
  }
  return String(value);
}

function missingValue(flag: FlagSpec, typed: string): StatusError {
  const placeholder = flag.placeholder ?? "VALUE";
  return new StatusError("InvalidArgument", `${typed} needs a value`, {
    hint: `write it as ${typed} ${placeholder}`,
  });
}

function unknownFlag(typed: string, names: FlagNames, letter?: string): StatusError {
  const shown = letter === undefined || typed.length === 2 ? typed : `-${letter}" in "${typed}`;
  const global = letter === undefined ? undefined : names.globalLetters.get(letter);
  if (global !== undefined && typed.length === 2) {
    return new StatusError("InvalidArgument", `unknown flag "${shown}"`, {
      hint: `-${letter} for --${global.name} goes before the command; behind it write --${global.name}`,
    });
  }
  const near = nearestName(typed.replace(/^--?/, ""), names.long.keys());
  const hint = near === undefined ? "--help lists the flags" : `did you mean --${near}?`;
  return new StatusError("InvalidArgument", `unknown flag "${shown}"`, { hint });
}
