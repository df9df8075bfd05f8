import type { OutputStream, Session } from "../../cli/context.ts";
import { reportFailure } from "../../cli/run-command.ts";
import { EXIT } from "../../errors/exit-code.ts";
import { StatusError } from "../../errors/status-error.ts";
import type { Shell } from "../shell.ts";
import { parseProgram } from "./parse-program.ts";
import type { Incomplete, Malformed, Program } from "./program.ts";
import { type ProgramOutcome, runProgram } from "./run-program.ts";
import { toMistake } from "./to-mistake.ts";

/** Commands with a name and lines: a script, or a part of one. */
export interface Source {
  readonly name: string;
  readonly text: string;
  /** The number of its first line; 1 where it is not told. */
  readonly firstLine?: number;
}

export interface SourceRun {
  readonly session: Session;
  readonly shell: Shell;
  /** Told of a failure that ends nothing. */
  onFailure?(status: number): void;
}

/**
 * Reads the whole source, then runs it; a mistake anywhere in it runs nothing. Errors begin with the
 * name and the line. A failure that ends it and has said nothing itself is told with its line.
 */
export async function runSource(source: Source, run: SourceRun): Promise<ProgramOutcome> {
  const { session, shell } = run;
  const program = parseProgram(source.text);
  if (program.kind !== "program") {
    shell.status = await reportMistake(program, source, session);
    return { status: shell.status, isStopped: true };
  }
  return await runParsed(program, source, run);
}

/** The same for a source that is parsed already. */
export async function runParsed(
  program: Program,
  source: Source,
  run: SourceRun,
): Promise<ProgramOutcome> {
  const { session, shell } = run;
  const before = (source.firstLine ?? 1) - 1;
  let line = 0;
  let isTold = false;
  const outcome = await runProgram(program, {
    ...run,
    at(pipeline) {
      line = pipeline.line + before;
      isTold = false;
      const place = `${source.name}:${line}`;
      const tell = () => {
        isTold = true;
        return place;
      };
      return { ...session, stderr: withPlace(session.stderr, tell) };
    },
  });
  const { isStopped, status } = outcome;
  const isFailure = isStopped && status !== EXIT.success && status !== EXIT.interrupted;
  if (isFailure && !isTold && !shell.leaving && !session.signal.aborted) {
    await session.stderr.write(`${source.name}:${line}: ended with status ${status}\n`);
  }
  return outcome;
}

/** Prints what is wrong with a text, with line and column; resolves to the status. */
export async function reportMistake(
  mistake: Malformed | Incomplete,
  { name, text, firstLine = 1 }: Source,
  session: Session,
): Promise<number> {
  const before = text.slice(0, mistake.at).split("\n");
  const column = (before.at(-1) ?? "").length + 1;
  const place = `${name}:${before.length + firstLine - 1}:${column}`;
  const stderr = withPlace(session.stderr, () => place);
  return await reportFailure(toMistake(mistake), { ...session, stderr });
}

/** The text of a script. Throws InvalidArgument for bytes that are none. */
export function toScriptText(bytes: Uint8Array, name: string): string {
  if (bytes.includes(0)) throw new StatusError("InvalidArgument", `"${name}" is no script`);
  return new TextDecoder().decode(bytes).replaceAll("\r\n", "\n");
}

function withPlace(stderr: OutputStream, place: () => string): OutputStream {
  return Object.create(stderr, { place: { value: place } });
}
