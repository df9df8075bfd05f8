import type { FlagSpec } from "./command.ts";
import type { ScannedArguments } from "./scan-arguments.ts";

/** What was typed for the flag, or its variable holds. */
export function givenValues(
  flag: FlagSpec,
  specs: readonly FlagSpec[],
  scanned: ScannedArguments,
  env: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  const fromEnv = environmentValue(flag, specs, scanned, env);
  return scanned.values.get(flag) ?? (fromEnv ? [fromEnv] : []);
}

/** A boolean flag that says false is as good as absent. */
export function isFlagGiven(
  flag: FlagSpec,
  specs: readonly FlagSpec[],
  scanned: ScannedArguments,
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  const values = givenValues(flag, specs, scanned, env);
  const last = values[values.length - 1];
  return last !== undefined && !(flag.type === "boolean" && last === "false");
}

/** A variable stands in for an absent flag, unless a flag was typed that excludes it. */
function environmentValue(
  flag: FlagSpec,
  specs: readonly FlagSpec[],
  scanned: ScannedArguments,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (flag.env === undefined) return undefined;
  const isExcluded = specs.some(
    (other) =>
      scanned.values.has(other) &&
      (flag.exclusive?.includes(other.name) || other.exclusive?.includes(flag.name)),
  );
  return isExcluded ? undefined : env[flag.env];
}
