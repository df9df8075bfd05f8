import { renderRows, wrapWords } from "../output/wrap-text.ts";
import { BUILTIN_TABLE } from "./builtins/builtin-table.ts";

/** Forms of the language; three blanks part those of one meaning. */
export const LANGUAGE: readonly (readonly [form: string, meaning: string])[] = [
  ["A ; B   A && B   A || B", "both; B where A succeeds; B where A fails"],
  ["A | jq .x | head", "the first | ends what is crish's: the rest is sh's, as typed"],
  ["!ls -l | wc", "a command line of sh, with the terminal"],
  ["A > FILE   >> FILE   < FILE", "output to a file, appended to it, input from it"],
  ["2> FILE   2>&1   &> FILE", "errors to a file, to where output goes, both"],
  ["set NAME = A | head -1", "a variable with what a command prints"],
  ["set NAME TEXT", "a variable with a text"],
  [`$NAME   \${NAME:-TEXT}`, "its value, in words; TEXT where it is not set or empty"],
  ['"$NAME"', "its value as one word"],
  ["$?   $1 $# $@   $(A)", "the last status; a script's arguments; what a command prints"],
  ["alias NAME = A", "NAME is A, with its arguments behind it"],
  ["'...'   \"...\"   \\   #   ~", "quotes, comments and home as in sh; no patterns"],
];

export const NOTES = [
  "A command line of sh goes on to the next ; && || or end of the line that is not inside quotes,",
  "parentheses, braces or a loop; it finds the variables in its environment. The status of a",
  "pipeline is that of sh's part, or of crish's where sh's is 0. A variable of the shell hides",
  "one of the environment; one that is neither is an error. Aliases that last stand in",
  "config.yaml in ~/.config/crish or /etc/crish; scripts do not read it. A script ends at its",
  "first failure, as with sh -e: before && and || and after set +e it goes on.",
].join(" ");

/** The shell's own commands and its language, as blocks of its help that wide. */
export async function shellHelp(width: number): Promise<string> {
  const builtins = await Promise.all(BUILTIN_TABLE.map((entry) => entry.load()));
  const own = builtins
    .filter(({ spec }) => spec.hidden !== true)
    .map(({ spec }) => [[spec.name, ...(spec.aliases ?? [])].join(", "), spec.summary] as const);
  const language = renderRows(LANGUAGE, width);
  const notes = wrapWords(NOTES, width - 2).map((line) => `  ${line}`);
  return `IN THE SHELL\n${renderRows(own, width)}\n\nLANGUAGE\n${language}\n\n${notes.join("\n")}`;
}
