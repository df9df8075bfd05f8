/**
 * Command lines for a specification. An intended line comes with what it must mean and is spelled in
 * one of the many ways there are; a wild line is put together from words that are easy to take for
 * something else, and most likely means nothing.
 */
import type { CommandInput, CommandSpec, FlagSpec, FlagValue } from "../../src/cli/command.ts";
import { flagsOf } from "../../src/cli/flags-of.ts";

export interface RandomLine {
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface IntendedLine extends RandomLine {
  readonly meaning: CommandInput;
}

type Random = () => number;

/** Names, values and numbers that look like something else. */
const TEXTS = [
  "web",
  "default/web/main",
  "0123456789abcdef",
  "a=b",
  "=",
  "x y",
  "ünï",
  "__proto__",
  "constructor",
  "--no-all",
  "-",
];
/** What can be a value and not a positional in front of `--`. */
const DASHED = ["--all", "-a", "--", "--help", "-h", "-5", "--output=json", "-it", "--all=false"];
const DURATIONS: readonly (readonly [string, number])[] = [
  ["0", 0],
  ["7", 7000],
  ["1m30s", 90_000],
  ["250ms", 250],
  ["1.5h", 5_400_000],
  ["-3s", -3000],
];
const INTEGERS: readonly (readonly [string, number])[] = [
  ["0", 0],
  ["42", 42],
  ["-1", -1],
  ["+7", 7],
];
const TRUE = ["1", "t", "T", "true", "TRUE"];
const FALSE = ["0", "f", "F", "false", "False"];

/** A line that is right, and what it means. */
export function intendedLine(spec: CommandSpec, random: Random): IntendedLine {
  const known = flagsOf(spec);
  const env: Record<string, string> = {};
  const flags: Record<string, FlagValue> = {};
  const given = new Set<string>();
  const spelled: string[][][] = [];
  const chosen = chooseFlags(known, random);
  for (const flag of known) {
    if (flag.default !== undefined) flags[flag.name] = flag.default;
    const isTyped = chosen.includes(flag);
    const isSet = flag.env !== undefined && random() < 0.3;
    const count = isTyped ? 1 + Math.floor(random() * 2) : isSet ? 1 : 0;
    const values = Array.from({ length: count }, () => randomValue(flag, random));
    const last = values.at(-1);
    if (last === undefined) continue;
    if (isTyped) spelled.push(values.map(({ text }) => spell(flag, text, known, random)));
    else if (flag.env !== undefined) env[flag.env] = last.text;
    if (!isTyped && (last.text === "" || isShutOut(flag, chosen))) continue;
    flags[flag.name] = flag.repeat === true ? values.map(({ value }) => String(value)) : last.value;
    if (last.value !== false) given.add(flag.name);
  }
  // Two variables can hold what may not stand together.
  if (
    known.some((flag) => given.has(flag.name) && flag.exclusive?.some((name) => given.has(name)))
  ) {
    return intendedLine(spec, random);
  }
  const { args, positionals } = choosePositionals(spec, given, random);
  const rest = spec.stopAfterArgs === undefined ? [] : chooseRest(random);
  const words = interleave(spec, shuffle(spelled, random).flat(), positionals, rest, random);
  return { words, env, meaning: { args, flags, rest } };
}

/** Words of the verb and its neighbourhood in any order, right or wrong. */
export function wildLine(spec: CommandSpec, random: Random): RandomLine {
  const known = flagsOf(spec);
  const word = (): string => {
    const flag = known.length > 0 ? pick(known, random) : undefined;
    const name = flag?.name ?? "all";
    const short = flag?.short ?? "z";
    const other = known.length > 0 ? (pick(known, random).short ?? "q") : "q";
    return pick(
      [
        () => pick(TEXTS, random),
        () => pick(DASHED, random),
        () => `--${name}`,
        () => `-${name}`,
        () => `--${name}=${pick([...TRUE, ...FALSE, "maybe", "", "5", "1h"], random)}`,
        () => `--${name}=${flag === undefined ? "" : randomValue(flag, random).text}`,
        () => `-${short}`,
        () => `-${short}${other}`,
        () => `-${short}=${pick(["false", "1", ""], random)}`,
        () => "",
        () => (flag === undefined ? "x" : randomValue(flag, random).text),
      ],
      random,
    )();
  };
  const env: Record<string, string> = {};
  for (const flag of known) {
    if (flag.env !== undefined && random() < 0.3) env[flag.env] = pick(["", "x:y", "5"], random);
  }
  return { words: Array.from({ length: Math.floor(random() * 7) }, word), env };
}

/** Flags that may stand together. */
function chooseFlags(known: readonly FlagSpec[], random: Random): FlagSpec[] {
  const chosen: FlagSpec[] = [];
  const share = random() * 0.5;
  for (const flag of known) {
    if (random() < share && !isShutOut(flag, chosen)) chosen.push(flag);
  }
  return chosen;
}

function isShutOut(flag: FlagSpec, chosen: readonly FlagSpec[]): boolean {
  return chosen.some(
    (other) => flag.exclusive?.includes(other.name) || other.exclusive?.includes(flag.name),
  );
}

function randomValue(flag: FlagSpec, random: Random): { text: string; value: FlagValue } {
  switch (flag.type) {
    case "boolean": {
      const value = random() < 0.7;
      return { text: pick(value ? TRUE : FALSE, random), value };
    }
    case "integer": {
      const [text, value] = pick(INTEGERS, random);
      return { text, value };
    }
    case "duration": {
      const [text, value] = pick(DURATIONS, random);
      return { text, value };
    }
    case "enum": {
      const value = pick(flag.values ?? [], random);
      return { text: random() < 0.3 ? value.toUpperCase() : value, value };
    }
    default: {
      const value = pick([...TEXTS, ...DASHED, ""], random);
      return { text: value, value };
    }
  }
}

/** One way of writing the flag: long, short, Go's, attached, behind `=`, as the next word. */
function spell(flag: FlagSpec, text: string, known: readonly FlagSpec[], random: Random): string[] {
  const longs = [flag.name, ...(flag.aliases ?? [])];
  const long = pick(longs, random);
  const goForm = long.length > 1 && random() < 0.3;
  const dashed = `${goForm ? "-" : "--"}${long}`;
  const useShort = flag.short !== undefined && random() < 0.5;
  if (flag.type === "boolean") {
    const isBare = TRUE.includes(text) && random() < 0.6;
    if (!useShort) return [isBare ? dashed : `${dashed}=${text}`];
    return [isBare ? `-${flag.short}` : `-${flag.short}=${text}`];
  }
  if (!useShort) return random() < 0.5 ? [dashed, text] : [`${dashed}=${text}`];
  const attached = `-${flag.short}${text}`;
  const isLongName = known.some((other) =>
    [other.name, ...(other.aliases ?? []), "help"].includes(attached.slice(1).split("=")[0] ?? ""),
  );
  // Attached, an empty text would be no value, one with a leading "=" would lose it.
  const mayAttach = text !== "" && !text.startsWith("=") && !isLongName;
  return pick(
    [[`-${flag.short}`, text], [`-${flag.short}=${text}`], ...(mayAttach ? [[attached]] : [])],
    random,
  );
}

function choosePositionals(
  spec: CommandSpec,
  given: ReadonlySet<string>,
  random: Random,
): { args: CommandInput["args"]; positionals: string[] } {
  const args: Record<string, string | readonly string[]> = {};
  const positionals: string[] = [];
  for (const arg of spec.args) {
    const isFree = !arg.required || arg.unless?.some((name) => given.has(name)) === true;
    // Where parsing stops behind the arguments, all of them must be there for a rest.
    if (isFree && spec.stopAfterArgs === undefined && random() < 0.4) break;
    const count = arg.variadic === true ? 1 + Math.floor(random() * 3) : 1;
    const taken = Array.from({ length: count }, () => pick([...TEXTS, ...DASHED], random));
    args[arg.name] = arg.variadic === true ? taken : (taken[0] ?? "");
    positionals.push(...taken);
  }
  return { args, positionals };
}

function chooseRest(random: Random): string[] {
  const count = Math.floor(random() * 4);
  const words = Array.from({ length: count }, () => pick([...TEXTS, ...DASHED, ""], random));
  // A `--` right behind the last argument is the end of flags and not the command's.
  return words[0] === "--" ? ["sh", ...words] : words;
}

/** Flags in any place in front of `--` or of the point where parsing stops, in their order. */
function interleave(
  spec: CommandSpec,
  flags: readonly (readonly string[])[],
  positionals: readonly string[],
  rest: readonly string[],
  random: Random,
): string[] {
  const stops = spec.stopAfterArgs !== undefined;
  const dashed = positionals.findIndex((word) => word.startsWith("-") && word !== "-");
  const free = dashed === -1 ? positionals : positionals.slice(0, dashed);
  const behindDashes = positionals.slice(free.length);
  const needsDashes = behindDashes.length > 0;
  // What follows the last argument of a verb that stops there is the rest: no flag may come there.
  const lastSlot = stops && !needsDashes ? free.length - 1 : free.length;
  const slots = flags.map(() => Math.floor(random() * (lastSlot + 1))).sort((a, b) => a - b);
  const words: string[] = [];
  for (let slot = 0; slot <= free.length; slot++) {
    words.push(...flags.filter((_, index) => slots[index] === slot).flat());
    words.push(...free.slice(slot, slot + 1));
  }
  if (needsDashes || (!stops && random() < 0.2)) words.push("--", ...behindDashes);
  else if (stops && random() < 0.3) words.push("--");
  return [...words, ...rest];
}

function shuffle<Item>(items: readonly Item[], random: Random): Item[] {
  return items
    .map((item) => ({ item, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

function pick<Item>(items: readonly Item[], random: Random): Item {
  return items[Math.floor(random() * items.length)] as Item;
}
