import type { Session } from "../../cli/context.ts";
import { reportFailure } from "../../cli/run-command.ts";
import { EXIT } from "../../errors/exit-code.ts";
import { StatusError } from "../../errors/status-error.ts";
import type { Shell } from "../shell.ts";
import { assignVariable } from "../shell-settings.ts";
import { createCapturedOutput } from "./captured-output.ts";
import { type ExpandedWords, expandWords, type Values } from "./expand-words.ts";
import { parseProgram } from "./parse-program.ts";
import type { Pipeline, SimpleCommand } from "./program.ts";
import { openRedirects } from "./redirects.ts";
import { toMistake } from "./to-mistake.ts";
import { bareText } from "./token.ts";

export interface PipelineOutcome {
  readonly status: number;
  /** A program of the terminal's was ended by Ctrl-C, which means the whole line. */
  readonly isInterrupted: boolean;
}

/** Runs a pipeline to its end. Never rejects: failures are printed. */
export async function runPipeline(
  pipeline: Pipeline,
  session: Session,
  shell: Shell,
): Promise<PipelineOutcome> {
  const { alias, capture } = pipeline;
  try {
    if (alias !== undefined) {
      shell.aliases.set(alias.name, alias.text);
      return ended(EXIT.success);
    }
    if (capture === undefined) return await runUncaptured(pipeline, session, shell);
    const captured = createCapturedOutput({ columns: session.stdout.columns });
    const own = { ...session, stdout: captured.output };
    const outcome = await runUncaptured(pipeline, own, shell);
    // What an earlier command left must not be acted upon where this one failed.
    if (outcome.status !== EXIT.success) shell.variables.delete(capture);
    else assignVariable(shell.variables, capture, captured.text());
    return outcome;
  } catch (error) {
    return ended(await reportFailure(error, session));
  }
}

function ended(status: number): PipelineOutcome {
  return { status, isInterrupted: false };
}

async function runUncaptured(
  { command, shell: text }: Pipeline,
  session: Session,
  shell: Shell,
): Promise<PipelineOutcome> {
  if (text === undefined) {
    return ended(command === undefined ? EXIT.success : await runSimple(command, session, shell));
  }
  const { runInShell, runIntoShell } = await import("./run-shell-part.ts");
  if (command === undefined) return await runInShell(text, session, shell);
  const run = (own: Session) => keepingShell(shell, () => runSimple(command, own, shell));
  return await runIntoShell(text, { session, shell, run });
}

/** `exit` in a pipeline or in `$(…)` ends that, as in sh, and not the shell. */
async function keepingShell<Result>(shell: Shell, run: () => Promise<Result>): Promise<Result> {
  try {
    return await run();
  } finally {
    shell.leaving = false;
  }
}

/** A command with its redirections. Rejects only for what went wrong before it ran. */
async function runSimple(command: SimpleCommand, session: Session, shell: Shell): Promise<number> {
  const values = valuesOf(session, shell);
  const expanded = await expandWords(command.words, values);
  const first = command.words[0];
  const mayBeAlias = first !== undefined && bareText(first) !== undefined;
  if (command.redirects.length === 0) {
    return await runExpanded(expanded, { session, shell, mayBeAlias });
  }
  const redirected = await openRedirects(command.redirects, values, session);
  const status = await runExpanded(expanded, { session: redirected.session, shell, mayBeAlias });
  try {
    await redirected.close();
    return status;
  } catch (error) {
    // A command that was ended because its output failed has said nothing.
    const isSilent = status === EXIT.success || status === EXIT.interrupted;
    return isSilent ? await reportFailure(error, session) : status;
  }
}

interface ExpandedRun {
  readonly session: Session;
  readonly shell: Shell;
  readonly mayBeAlias: boolean;
}

async function runExpanded(
  { words, hasVanished }: ExpandedWords,
  { session, shell, mayBeAlias }: ExpandedRun,
): Promise<number> {
  if (words.length === 0) return EXIT.success;
  const own = hasVanished ? withoutDefaults(session) : session;
  const [name = "", ...rest] = words;
  if (mayBeAlias && shell.aliases.has(name)) {
    const { runAlias } = await import("./run-alias.ts");
    return await runAlias(name, rest, { session: own, shell });
  }
  return await shell.runWords(words, own);
}

/**
 * `rm $ids` of an empty variable must act on nothing: neither on the shell's context nor on what
 * somebody would choose from a list.
 */
function withoutDefaults(session: Session): Session {
  return {
    ...session,
    defaultObjects: { nameOf: () => "", verify: async () => {} },
    async pick() {
      throw new StatusError("InvalidArgument", "no object is named: a variable is empty");
    },
  };
}

function valuesOf(session: Session, shell: Shell): Values {
  return {
    variables: shell.variables,
    env: session.env,
    parameters: shell.parameters,
    status: shell.status,
    async substitute(source) {
      const captured = createCapturedOutput({ columns: session.stdout.columns });
      const program = parseProgram(source);
      if (program.kind !== "program") throw toMistake(program);
      const { runProgram } = await import("./run-program.ts");
      const own = { ...session, stdout: captured.output };
      await keepingShell(shell, () => runProgram(program, { shell, session: own }));
      return captured.text();
    },
  };
}
