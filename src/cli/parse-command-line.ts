/**
 * From the scanned words of a verb to the values that its run() gets, at no cost: what is right is
 * converted here. What is not, or looks unusual, goes to oclif's parser, which loads for it alone
 * and says what is wrong. A test holds the two to the same results.
 */
import type { CommandInput, CommandSpec, FlagSpec, FlagValue } from "./command.ts";
import { convertFlagValue } from "./convert-flag-value.ts";
import { flagsOf } from "./flags-of.ts";
import { givenValues, isFlagGiven } from "./given-values.ts";
import type { ScannedArguments } from "./scan-arguments.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Throws InvalidArgument, one line each. `env` stands in for absent flags that name a variable. */
export async function parseCommandLine(
  spec: CommandSpec,
  scanned: ScannedArguments,
  env: Environment,
): Promise<CommandInput> {
  const input = parseRightLine(spec, scanned, env);
  if (input !== undefined) return input;
  const { parseWithOclif } = await import("./parse-with-oclif.ts");
  return await parseWithOclif(spec, scanned, env);
}

/** Undefined where anything about the line is wrong: whoever knows how to say it is asked then. */
export function parseRightLine(
  spec: CommandSpec,
  scanned: ScannedArguments,
  env: Environment,
): CommandInput | undefined {
  const known = flagsOf(spec);
  const names = new Set<string>();
  for (const flag of known) if (isFlagGiven(flag, known, scanned, env)) names.add(flag.name);
  for (const { name, exclusive } of known) {
    if (exclusive !== undefined && names.has(name) && exclusive.some((other) => names.has(other))) {
      return undefined;
    }
  }
  const args = assignArguments(spec, scanned.positionals, names);
  if (args === undefined) return undefined;
  try {
    return { args, flags: convertFlags(known, scanned, env), rest: scanned.rest };
  } catch {
    return undefined;
  }
}

function assignArguments(
  spec: CommandSpec,
  positionals: readonly string[],
  given: ReadonlySet<string>,
): CommandInput["args"] | undefined {
  if (positionals.includes("")) return undefined;
  const args: Record<string, string | readonly string[]> = {};
  let taken = 0;
  for (const arg of spec.args) {
    const first = positionals[taken];
    if (first === undefined) {
      if (arg.required && !arg.unless?.some((flag) => given.has(flag))) return undefined;
    } else {
      args[arg.name] = arg.variadic === true ? positionals.slice(taken) : first;
      taken = arg.variadic === true ? positionals.length : taken + 1;
    }
  }
  return taken === positionals.length ? args : undefined;
}

/** Throws InvalidArgument. */
function convertFlags(
  known: readonly FlagSpec[],
  scanned: ScannedArguments,
  env: Environment,
): CommandInput["flags"] {
  const flags: Record<string, FlagValue> = {};
  for (const flag of known) {
    const typed = givenValues(flag, known, scanned, env);
    const last = typed[typed.length - 1];
    if (last === undefined) {
      if (flag.default !== undefined) flags[flag.name] = flag.default;
    } else {
      flags[flag.name] =
        flag.repeat === true
          ? typed.map((value) => String(convertFlagValue(flag, value)))
          : convertFlagValue(flag, last);
    }
  }
  return flags;
}
