import type { Candidate } from "../cli/complete/candidate.ts";
import type { CompletionSources } from "./complete-line.ts";
import { SHELL_SETTINGS } from "./shell-settings.ts";

/**
 * What can follow the words of one of the shell's own commands, where that is of the shell: names
 * of variables and aliases, settings and their values. Undefined for any other command.
 */
export function completeBuiltin(
  [verb, ...words]: readonly string[],
  { variables, aliases }: Pick<CompletionSources, "variables" | "aliases">,
): readonly Candidate[] | undefined {
  const known = (names: Iterable<string>) =>
    [...names].filter((name) => !words.includes(name)).map((text) => ({ text }));
  switch (verb) {
    case "set":
      return words.length === 0 ? [...settings(), ...known(variables)] : valuesOf(words);
    case "unset":
      return known(variables);
    case "alias":
      return words.length === 0 ? known(aliases.keys()) : [];
    case "unalias":
      return known(aliases.keys());
    default:
      return undefined;
  }
}

function settings(): readonly Candidate[] {
  return [
    ...Object.entries(SHELL_SETTINGS).map(([text, { summary }]) => ({ text, note: summary })),
    { text: "-e", note: "a script ends at the first command that fails" },
    { text: "+e", note: "a script goes on" },
  ];
}

function valuesOf([name = "", ...others]: readonly string[]): readonly Candidate[] {
  const values = Object.entries(SHELL_SETTINGS[name]?.values ?? {});
  return others.length > 0 ? [] : values.map(([text, note]) => ({ text, note }));
}
