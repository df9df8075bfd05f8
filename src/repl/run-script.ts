import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { InputStream, Session } from "../cli/context.ts";
import { reportFailure } from "../cli/run-command.ts";
import { errnoText } from "../errors/errno-text.ts";
import { EXIT } from "../errors/exit-code.ts";
import { StatusError } from "../errors/status-error.ts";
import { createShell } from "./create-shell.ts";
import { emptyInput } from "./empty-input.ts";
import { canClose } from "./language/can-close.ts";
import { parseProgram } from "./language/parse-program.ts";
import {
  reportMistake,
  runParsed,
  runSource,
  type SourceRun,
  toScriptText,
} from "./language/run-source.ts";
import type { Open } from "./language/token.ts";
import { readLines } from "./read-lines.ts";

export interface ScriptOptions {
  /** A file; without one, or with `-`, the script is stdin. */
  readonly file: string | undefined;
  /** `$1` and so on. */
  readonly args: readonly string[];
  /** Goes on after a failure; the status is then the first one's. */
  readonly keepGoing: boolean;
}

/** Runs a script to its end; resolves to its status. */
export async function runScript(session: Session, options: ScriptOptions): Promise<number> {
  const { file, args, keepGoing } = options;
  const isStdin = file === undefined || file === "-";
  const name = isStdin ? "stdin" : file;
  // A script on stdin is not its commands' to read; one in a file leaves them stdin.
  const own = isStdin ? { ...session, stdin: emptyInput() } : session;
  const parameters = [name, ...args];
  const shell = createShell({ session: own, parameters, stopAtFailure: !keepGoing });
  let firstFailure: number | undefined;
  const run: SourceRun = {
    session: own,
    shell,
    onFailure(status) {
      if (keepGoing) firstFailure ??= status;
    },
  };
  if (isStdin) await runStdin(session.stdin, run);
  else await runFile(name, run);
  if (session.signal.aborted && shell.status === EXIT.success) return EXIT.interrupted;
  return shell.leaving ? shell.status : (firstFailure ?? shell.status);
}

async function runFile(name: string, run: SourceRun): Promise<void> {
  const { session, shell } = run;
  try {
    const text = await readScript(name, session.cwd);
    await runSource({ name, text }, run);
  } catch (error) {
    shell.status = await reportFailure(error, session);
  }
}

/** The text of a script in a file. Throws InvalidArgument where it cannot be read. */
export async function readScript(name: string, cwd: string): Promise<string> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(resolve(cwd, name));
  } catch (error) {
    throw new StatusError("InvalidArgument", `cannot read script "${name}": ${errnoText(error)}`);
  }
  return toScriptText(bytes, name);
}

/** Runs each command as soon as its lines are there: whoever writes them may wait for what it does. */
async function runStdin(stdin: InputStream, run: SourceRun): Promise<void> {
  const { session, shell } = run;
  let text = "";
  let open: Open | undefined;
  let firstLine = 1;
  let line = 0;
  const source = () => ({ name: "stdin", text, firstLine });
  for await (const read of readLines(readStdin(stdin))) {
    line++;
    text = text === "" ? read : `${text}\n${read}`;
    if (open !== undefined && !canClose(open, read)) continue;
    const program = parseProgram(text);
    open = program.kind === "incomplete" ? program.open : undefined;
    if (program.kind === "incomplete") continue;
    if (program.kind === "malformed") {
      shell.status = await reportMistake(program, source(), session);
      return;
    }
    const { isStopped } = await runParsed(program, source(), run);
    if (isStopped || session.signal.aborted) return;
    text = "";
    firstLine = line + 1;
  }
  const rest = parseProgram(text);
  if (rest.kind === "incomplete") shell.status = await reportMistake(rest, source(), session);
}

/** What it holds. Throws InvalidArgument where it cannot be read: it may be a directory. */
async function* readStdin(stdin: InputStream): AsyncGenerator<Uint8Array> {
  try {
    yield* stdin.stream();
  } catch (error) {
    throw new StatusError("InvalidArgument", `cannot read script "stdin": ${errnoText(error)}`);
  }
}
