import { BUILTIN_TABLE } from "./builtins/builtin-table.ts";

const LANGUAGE: readonly (readonly [form: string, meaning: string])[] = [
  ["A ; B  A && B  A || B", "both; B where A succeeds; B where A fails"],
  ["A | jq .", "into a command line of sh"],
  ["! ls", "a command line of sh"],
  ["A > FILE  >> FILE  < FILE", "output to a file, appended to it, input from it"],
  ["$NAME  $?  $(A)", "a variable, the last status, what a command prints"],
  ["'...'  \"...\"  \\  #", "quotes and comments as in sh; no patterns"],
];

/** The shell's own commands and its language, as blocks of its help. */
export async function shellHelp(): Promise<string> {
  const builtins = await Promise.all(BUILTIN_TABLE.map((entry) => entry.load()));
  const own = builtins
    .filter(({ spec }) => spec.hidden !== true)
    .map(({ spec }) => [[spec.name, ...(spec.aliases ?? [])].join(", "), spec.summary] as const);
  return `IN THE SHELL\n${rows(own)}\n\nLANGUAGE\n${rows(LANGUAGE)}`;
}

function rows(list: readonly (readonly [string, string])[]): string {
  const width = Math.max(...list.map(([left]) => left.length)) + 2;
  return list.map(([left, right]) => `  ${left.padEnd(width)}${right}`).join("\n");
}
