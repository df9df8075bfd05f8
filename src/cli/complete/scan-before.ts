import type { CommandSpec, FlagSpec } from "../command.ts";
import { flagsOf } from "../flags-of.ts";
import { GLOBAL_FLAGS } from "../global-flags.ts";

/** What the words before the current one say about it. */
export interface ScannedBefore {
  /** Flags seen, with the values that they were given so far. */
  readonly given: ReadonlyMap<FlagSpec, readonly string[]>;
  /** The flag whose value the current word is. */
  readonly wantsValue: FlagSpec | undefined;
  readonly positionals: readonly string[];
  /** Behind the point where parsing of flags stops, a `--` there included. */
  readonly rest: readonly string[] | undefined;
  /** `--` was there: no flags any more. */
  readonly endOfFlags: boolean;
}

/** The flags that may stand at a place: those with their letters, and those by their long name only. */
export interface KnownFlags {
  readonly flags: readonly FlagSpec[];
  readonly longOnly: readonly FlagSpec[];
}

/** `crish -f SCRIPT`, which stands for a verb of its own. */
const SCRIPT_FLAG: FlagSpec = {
  name: "file",
  short: "f",
  type: "path",
  meaning: "run a script of commands",
  placeholder: "SCRIPT",
};

/** Before the verb: the global flags, letters and all. */
export const FLAGS_BEFORE_VERB: KnownFlags = {
  flags: [...GLOBAL_FLAGS, SCRIPT_FLAG],
  longOnly: [],
};

/** Behind the verb: its own, which go first, and the global ones by their long names. */
export function flagsBehindVerb(spec: CommandSpec): KnownFlags {
  const flags = flagsOf(spec);
  const own = new Set(flags.flatMap(longNames));
  const longOnly = GLOBAL_FLAGS.filter(({ name }) => !own.has(name) && name !== "version");
  return { flags, longOnly };
}

/** Sorts the words as scanArguments does, but refuses nothing: the line is still being typed. */
export function scanBefore(
  words: readonly string[],
  { flags, longOnly }: KnownFlags,
  stopAfterArgs = Number.POSITIVE_INFINITY,
): ScannedBefore {
  const given = new Map<FlagSpec, string[]>();
  const positionals: string[] = [];
  let endOfFlags = false;
  let index = 0;
  const take = (flag: FlagSpec, value: string | undefined): FlagSpec | undefined => {
    const values = given.get(flag) ?? [];
    given.set(flag, values);
    if (flag.type === "boolean") {
      values.push(value ?? "true");
      return undefined;
    }
    const found = value ?? words[index++];
    if (found === undefined) return flag;
    values.push(found);
    return undefined;
  };
  while (index < words.length && positionals.length < stopAfterArgs) {
    const word = words[index++] ?? "";
    if (endOfFlags || word === "-" || !word.startsWith("-")) {
      positionals.push(word);
    } else if (word === "--") {
      endOfFlags = true;
    } else {
      const wantsValue = takeFlags(word, { flags, longOnly }, take);
      if (wantsValue !== undefined) {
        return { given, wantsValue, positionals, rest: undefined, endOfFlags };
      }
    }
  }
  const rest = positionals.length < stopAfterArgs ? undefined : words.slice(index);
  return { given, wantsValue: undefined, positionals, rest, endOfFlags };
}

/** The flag of that long name, with one dash or two. */
export function flagNamed(name: string, { flags, longOnly }: KnownFlags): FlagSpec | undefined {
  return [...flags, ...longOnly].find((flag) => longNames(flag).includes(name));
}

function takeFlags(
  word: string,
  known: KnownFlags,
  take: (flag: FlagSpec, value: string | undefined) => FlagSpec | undefined,
): FlagSpec | undefined {
  const equals = word.indexOf("=");
  const typed = equals < 0 ? word : word.slice(0, equals);
  const value = equals < 0 ? undefined : word.slice(equals + 1);
  const long = flagNamed(typed.replace(/^--?/, ""), known);
  if (long !== undefined && (typed.startsWith("--") || typed.length > 2)) return take(long, value);
  if (word.startsWith("--")) return undefined;
  for (let at = 1; at < word.length; at++) {
    const flag = known.flags.find(({ short }) => short === word.charAt(at));
    if (flag === undefined) return undefined;
    const after = word.slice(at + 1);
    if (flag.type !== "boolean") return take(flag, after === "" ? undefined : after);
    take(flag, undefined);
  }
  return undefined;
}

function longNames(flag: FlagSpec): readonly string[] {
  return [flag.name, ...(flag.aliases ?? [])];
}
