import { findCommand } from "../cli/command-table.ts";
import type { Session } from "../cli/context.ts";
import { parseCommandLine } from "../cli/parse-command-line.ts";
import { reportFailure, runCommand } from "../cli/run-command.ts";
import { scanArguments } from "../cli/scan-arguments.ts";
import { StatusError } from "../errors/status-error.ts";
import type { BuiltinEntry } from "./builtins/builtin.ts";
import { findBuiltin } from "./builtins/builtin-table.ts";
import { parseProgram } from "./language/parse-program.ts";
import { runProgram } from "./language/run-program.ts";
import { toMistake } from "./language/to-mistake.ts";
import type { LineOutcome, Shell } from "./shell.ts";

/** Runs one line in the given session. Never rejects: failures are printed as a command's are. */
export async function runLine(text: string, session: Session, shell: Shell): Promise<LineOutcome> {
  const program = parseProgram(text.replaceAll("\r\n", "\n"));
  if (program.kind === "program") await runProgram(program, { shell, session });
  else shell.status = await reportFailure(toMistake(program), session);
  return { status: shell.status, leave: shell.leaving };
}

/** Runs one command of words that need nothing more. Never rejects either. */
export async function runWords(
  words: readonly string[],
  session: Session,
  shell: Shell,
): Promise<number> {
  try {
    // People paste whole command lines.
    const [verb, ...rest] = words[0] === "crish" ? words.slice(1) : words;
    if (verb === undefined) return shell.status;
    const builtin = findBuiltin(verb, shell.builtins);
    if (builtin !== undefined) return await runBuiltin(builtin, { words: rest, session, shell });
    const entry = findCommand(verb, shell.table);
    if (entry?.name === "repl") {
      throw new StatusError("FailedPrecondition", "this is the shell already", {
        hint: "source FILE runs a script in it",
      });
    }
    if (!verb.startsWith("-") && findCommand(verb, shell.table) === undefined) {
      const { unknownCommand } = await import("./unknown-command.ts");
      throw unknownCommand(verb, shell);
    }
    const own = namesEndpoint([verb, ...rest]) ? { ...session, hasToldOfLoss: undefined } : session;
    const status = await runCommand([verb, ...rest], own, shell.table);
    if ((await entry?.load())?.spec.destroys !== undefined) shell.hasDestroyed = true;
    return status;
  } catch (error) {
    return await reportFailure(error, session);
  }
}

/** Then a failure to reach a runtime may be another's than the shell's. */
function namesEndpoint(words: readonly string[]): boolean {
  return words[0]?.startsWith("-") === true || words.some((word) => /^--\w+-endpoint/.test(word));
}

interface BuiltinRun {
  readonly words: readonly string[];
  readonly session: Session;
  readonly shell: Shell;
}

async function runBuiltin(entry: BuiltinEntry, run: BuiltinRun): Promise<number> {
  const { words, session, shell } = run;
  const builtin = await entry.load();
  const { flags, stopAfterArgs } = builtin.spec;
  const scanned = scanArguments(words, { flags, stopAfterArgs });
  if (scanned.help) return await runWords(["help", builtin.spec.name], session, shell);
  const input = await parseCommandLine(builtin.spec, scanned, session.env);
  return await builtin.run(shell, input, session);
}
