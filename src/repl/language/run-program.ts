import type { Session } from "../../cli/context.ts";
import { EXIT } from "../../errors/exit-code.ts";
import type { Shell } from "../shell.ts";
import type { List, Pipeline, Program } from "./program.ts";
import { runPipeline } from "./run-pipeline.ts";

export interface ProgramRun {
  readonly shell: Shell;
  readonly session: Session;
  /** Told before each pipeline: for errors that name their line. */
  at?(pipeline: Pipeline): Session;
  /** Told of a failure that ends nothing. */
  onFailure?(status: number): void;
}

export interface ProgramOutcome {
  readonly status: number;
  /** Nothing after it may run: a failure under `set -e`, an interrupt, or `exit`. */
  readonly isStopped: boolean;
}

/** Runs the lists one after the other. Never rejects: failures are printed. */
export async function runProgram(program: Program, run: ProgramRun): Promise<ProgramOutcome> {
  for (const list of program.lists) {
    if (await runList(list, run)) return { status: run.shell.status, isStopped: true };
  }
  return { status: run.shell.status, isStopped: false };
}

/**
 * True where nothing more may run. As with sh's `-e`, a failure counts only where nobody asks for
 * it: not before `&&` and `||`.
 */
async function runList(list: List, run: ProgramRun): Promise<boolean> {
  const { shell, session } = run;
  for (const [index, { when, pipeline }] of list.entries()) {
    if (when === "success" && shell.status !== EXIT.success) continue;
    if (when === "failure" && shell.status === EXIT.success) continue;
    const isLast = index === list.length - 1;
    if (!isLast) shell.options.askedFor++;
    const own = run.at?.(pipeline) ?? session;
    const { status, isInterrupted } = await runPipeline(pipeline, own, shell);
    if (!isLast) shell.options.askedFor--;
    shell.status = status;
    if (shell.leaving || isInterrupted || session.signal.aborted) return true;
    const isFailure = status !== EXIT.success && isLast && shell.options.askedFor === 0;
    if (isFailure && shell.options.stopAtFailure) return true;
    if (isFailure) run.onFailure?.(status);
  }
  return false;
}
