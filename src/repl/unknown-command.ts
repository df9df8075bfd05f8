import { nearestName } from "../errors/nearest-name.ts";
import { StatusError } from "../errors/status-error.ts";
import { findExecutable } from "../host/find-executable.ts";
import type { Shell } from "./shell.ts";

const SH_WORDS = ["if", "for", "while", "until", "case", "function", "{", "("];

/** The error for a word that is no command, with what was probably meant. */
export function unknownCommand(word: string, shell: Shell): StatusError {
  return new StatusError("InvalidArgument", `unknown command "${word}"`, {
    hint: hintFor(word, shell),
  });
}

function hintFor(word: string, shell: Shell): string {
  const assigned = /^([A-Za-z_]\w*)=(.*)$/.exec(word);
  if (assigned !== null) return `a variable is set with: set ${assigned[1]} ${assigned[2] || "''"}`;
  if (SH_WORDS.includes(word)) return `/bin/sh has that: ps -q | while read -r id; do …; done`;
  const names = [...shell.builtins, ...shell.table].flatMap(({ name, aliases }) => [
    name,
    ...aliases,
  ]);
  const near = nearestName(word, [...names, ...shell.aliases.keys()]);
  const isProgram = findExecutable(word, shell.session.env.PATH) !== undefined;
  if (isProgram) return `!${word} runs the program of that name`;
  return near === undefined ? "help lists the commands" : `did you mean ${near}?`;
}
