/**
 * The oclif adapter, parsing half: the specification of a verb and its scanned words to the values
 * that its run() gets. oclif checks types and enumerations; exclusions are checked here, because its
 * message tells the value, which may be a password.
 */
import { StatusError } from "../errors/status-error.ts";
import type { ArgSpec, CommandInput, CommandSpec, FlagSpec } from "./command.ts";
import { convertFlagValue } from "./convert-flag-value.ts";
import { flagsOf } from "./flags-of.ts";
import { givenValues, isFlagGiven } from "./given-values.ts";
import type { ScannedArguments } from "./scan-arguments.ts";

/** Throws InvalidArgument, one line each. `env` stands in for absent flags that name a variable. */
export async function parseWithOclif(
  spec: CommandSpec,
  scanned: ScannedArguments,
  env: Readonly<Record<string, string | undefined>>,
): Promise<CommandInput> {
  const known = flagsOf(spec);
  const isGiven = (flag: FlagSpec) => isFlagGiven(flag, known, scanned, env);
  refuseWrongCount(spec, scanned.positionals, (name) =>
    known.some((flag) => flag.name === name && isGiven(flag)),
  );
  refuseExcluded(known, isGiven);
  const { parse } = await import("@oclif/core/parser");
  const flags = Object.fromEntries(known.map((flag) => [flag.name, oclifFlag(flag)]));
  const args = Object.fromEntries(spec.args.map((arg) => [arg.name, oclifArg(arg)]));
  const words = [...flagWords(known, scanned, env), "--", ...scanned.positionals];
  try {
    const output = await parse(words, { args, flags, strict: true, "--": true } as never);
    return {
      args: output.args as CommandInput["args"],
      flags: output.flags as CommandInput["flags"],
      rest: scanned.rest,
    };
  } catch (error) {
    throw toUsageError(error, spec);
  }
}

/**
 * The words that oclif sees. Each value carries a leading "=", which the flag's parse takes off
 * again: oclif would otherwise refuse a value that looks like one of the verb's flags.
 */
function flagWords(
  specs: readonly FlagSpec[],
  scanned: ScannedArguments,
  env: Readonly<Record<string, string | undefined>>,
): string[] {
  return specs.flatMap((flag) => {
    const typed = givenValues(flag, specs, scanned, env);
    const last = typed.at(-1);
    if (last === undefined) return [];
    if (flag.type === "boolean") return [last === "true" ? `--${flag.name}` : `--no-${flag.name}`];
    return (flag.repeat ? typed : [last]).map((value) => `--${flag.name}==${value}`);
  });
}

function oclifFlag(flag: FlagSpec): object {
  const shared = {
    name: flag.name,
    description: flag.meaning,
    ...(flag.default === undefined ? {} : { default: flag.default }),
  };
  if (flag.type === "boolean") {
    return { ...shared, type: "boolean", allowNo: true, parse: async (value: boolean) => value };
  }
  return {
    ...shared,
    type: "option",
    multiple: flag.repeat === true,
    multipleNonGreedy: true,
    parse: async (value: string) => convertFlagValue(flag, value.slice(1)),
  };
}

function oclifArg(arg: ArgSpec): object {
  return {
    name: arg.name,
    description: arg.meaning,
    required: arg.required && arg.unless === undefined,
    multiple: arg.variadic === true,
    ignoreStdin: true,
    parse: async (value: string) => value,
  };
}

function refuseExcluded(specs: readonly FlagSpec[], isGiven: (flag: FlagSpec) => boolean): void {
  for (const flag of specs.filter(isGiven)) {
    const other = specs.find((each) => flag.exclusive?.includes(each.name) && isGiven(each));
    if (other !== undefined) {
      throw new StatusError("InvalidArgument", `--${flag.name} excludes --${other.name}`);
    }
  }
}

function refuseWrongCount(
  spec: CommandSpec,
  positionals: readonly string[],
  isGiven: (flagName: string) => boolean,
): void {
  const missing = spec.args.find(
    (arg, index) => arg.required && index >= positionals.length && !arg.unless?.some(isGiven),
  );
  if (missing !== undefined) {
    throw new StatusError("InvalidArgument", `${spec.name} needs ${alternatives(missing)}`, {
      hint: `see crish ${spec.name} --help`,
    });
  }
  const isVariadic = spec.args.some((arg) => arg.variadic === true);
  const extra = positionals[spec.args.length];
  if (extra !== undefined && !isVariadic) {
    const takes = spec.args.length === 0 ? "no arguments" : `at most ${spec.args.length}`;
    throw new StatusError("InvalidArgument", `unexpected argument "${extra}"`, {
      hint: `${spec.name} takes ${takes}; see crish ${spec.name} --help`,
    });
  }
  const empty = positionals.indexOf("");
  if (empty !== -1) {
    const arg = spec.args[Math.min(empty, spec.args.length - 1)];
    throw new StatusError("InvalidArgument", `${arg?.name.toUpperCase()} is empty`);
  }
}

/** `IMAGE, --all or --prune`: the argument and what may stand in for it. */
function alternatives(arg: ArgSpec): string {
  const standIns = (arg.unless ?? []).map((flag) => `--${flag}`);
  const last = standIns.pop();
  const first = [arg.name.toUpperCase(), ...standIns].join(", ");
  return last === undefined ? first : `${first} or ${last}`;
}

/** oclif's errors are blocks of several lines that end in advice: the fact is in the first ones. */
function toUsageError(error: unknown, spec: CommandSpec): StatusError {
  if (error instanceof StatusError) {
    return new StatusError(error.code, stripPrefix(error.message), {
      hint: error.hint ?? `see crish ${spec.name} --help`,
    });
  }
  const text = error instanceof Error ? stripPrefix(error.message) : String(error);
  return new StatusError("InvalidArgument", text.charAt(0).toLowerCase() + text.slice(1), {
    hint: `see crish ${spec.name} --help`,
  });
}

function stripPrefix(message: string): string {
  return message
    .replace(/\nSee more help with --help$/, "")
    .replace(/^Parsing --\S+ \n\t/, "")
    .replace(/^The following errors? occurred:\s*/, "")
    .replaceAll(/\s*\n\s*/g, "; ");
}
