import { findCommand } from "../../cli/command-table.ts";
import type { Session } from "../../cli/context.ts";
import { StatusError } from "../../errors/status-error.ts";
import { findBuiltin } from "../builtins/builtin-table.ts";
import type { Shell } from "../shell.ts";
import { parseProgram } from "./parse-program.ts";
import { quoteWord } from "./quote-word.ts";
import { runProgram } from "./run-program.ts";
import { toMistake } from "./to-mistake.ts";

/** Runs words of which the first may be an alias. */
export async function runAliasOrWords(
  words: readonly string[],
  session: Session,
  shell: Shell,
): Promise<number> {
  const [name = "", ...rest] = words;
  if (shell.aliases.has(name)) return await runAlias(name, rest, { session, shell });
  return await shell.runWords(words, session);
}

/**
 * Runs an alias's line with the arguments behind it. Within itself its name means the command of
 * that name, if there is one.
 */
export async function runAlias(
  name: string,
  args: readonly string[],
  { session, shell }: { readonly session: Session; readonly shell: Shell },
): Promise<number> {
  if (shell.expanding.has(name)) return await runNamesake(name, args, { session, shell });
  const text = [shell.aliases.get(name) ?? "", ...args.map(quoteWord)].join(" ");
  const program = parseProgram(text);
  if (program.kind !== "program") {
    throw new StatusError("InvalidArgument", `the alias "${name}" makes no command`, {
      cause: toMistake(program),
      hint: `it stands for: ${shell.aliases.get(name)}`,
    });
  }
  shell.expanding.add(name);
  try {
    return (await runProgram(program, { shell, session })).status;
  } finally {
    shell.expanding.delete(name);
  }
}

async function runNamesake(
  name: string,
  args: readonly string[],
  { session, shell }: { readonly session: Session; readonly shell: Shell },
): Promise<number> {
  const isKnown =
    findBuiltin(name, shell.builtins) !== undefined || findCommand(name, shell.table) !== undefined;
  if (isKnown) return await shell.runWords([name, ...args], session);
  throw new StatusError("InvalidArgument", `the alias "${name}" leads back to itself`, {
    hint: `see: alias ${name}`,
  });
}
