import type { FlagValue } from "../command.ts";
import { convertFlagValue } from "../convert-flag-value.ts";
import { GLOBAL_FLAGS } from "../global-flags.ts";
import { findSubcommand } from "../subcommands.ts";
import type { SpecEntry } from "./complete-words.ts";
import { FLAGS_BEFORE_VERB, flagsBehindVerb, scanBefore } from "./scan-before.ts";

/** The global flags that the words give, before the verb and behind it; wrong ones are left out. */
export async function globalValuesBefore(
  words: readonly string[],
  table: readonly SpecEntry[],
): Promise<Record<string, FlagValue>> {
  const before = scanBefore(words, FLAGS_BEFORE_VERB, 1);
  const verb = before.positionals[0];
  const entry = table.find(({ name, aliases }) => name === verb || aliases.includes(verb ?? ""));
  const command = await entry?.load();
  const [first] = before.rest ?? [];
  const spec = (command && findSubcommand(command, first)?.spec) ?? command?.spec;
  const behind = spec && scanBefore(before.rest ?? [], flagsBehindVerb(spec), spec.stopAfterArgs);
  const values: Record<string, FlagValue> = {};
  for (const [flag, typed] of [...before.given, ...(behind?.given ?? [])]) {
    const last = typed.at(-1);
    if (!GLOBAL_FLAGS.includes(flag) || last === undefined) continue;
    try {
      values[flag.name] = convertFlagValue(flag, last);
    } catch {
      // The command itself will refuse it.
    }
  }
  return values;
}
