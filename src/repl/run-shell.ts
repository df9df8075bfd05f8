/**
 * The shell: lines to the same commands in one process. This room owns reading lines and scripts,
 * their quoting, history, completion and interrupts; it holds no command's logic.
 */

import { COMMAND_TABLE } from "../cli/command-table.ts";
import type { Session } from "../cli/context.ts";
import type { CriBackend } from "../cri/backend.ts";
import { StatusError } from "../errors/status-error.ts";
import { BUILTIN_TABLE } from "./builtins/builtin-table.ts";
import { completeLine } from "./complete-line.ts";
import { createShell } from "./create-shell.ts";
import { historyFile, openHistory } from "./history.ts";
import { isComplete } from "./language/parse-program.ts";
import { readLine } from "./line-editor.ts";
import { createLiveCandidates } from "./live-candidates.ts";
import type { LineOutcome, Shell } from "./shell.ts";

export interface RunShellOptions {
  readonly session: Session;
  /** The backend that completion asks and the prompt names. */
  backend(): Promise<CriBackend>;
}

/** Reads and runs lines until Ctrl-D, `exit` or the session's end; resolves to the last status. */
export async function runShell(options: RunShellOptions): Promise<number> {
  const { session } = options;
  const history = await openHistory(historyFile(session.env));
  const candidates = createLiveCandidates(options);
  const shell = createShell({ session, history });
  const name = await nameOfBackend(options);
  let text = "";
  while (!session.signal.aborted) {
    const edited = await readLine({
      session,
      prompt: text === "" ? promptFor(name, shell.status, session) : "> ",
      history: history.lines,
      complete: async (typed) => {
        const whole = text + typed;
        const sources = { table: COMMAND_TABLE, builtins: BUILTIN_TABLE, candidates };
        const found = await completeLine(whole, whole.length, sources);
        return [found.candidates.map((each) => each.text), whole.slice(found.start)];
      },
    });
    if (edited.kind === "end") {
      await session.stdout.write("\n");
      return text === "" ? shell.status : 2;
    }
    if (edited.kind === "interrupt") {
      await session.stdout.write("^C\n");
      text = "";
      continue;
    }
    text += edited.text;
    if (!isComplete(text)) {
      text += "\n";
      continue;
    }
    const line = text;
    text = "";
    if (line.trim() === "") continue;
    await history.add(line);
    const outcome = await runInterruptibly(line, shell);
    if (outcome.leave) return outcome.status;
  }
  return 130;
}

/**
 * Ctrl-C ends the command and not the shell. A second one for a command that does not end leaves
 * the shell, without waiting for the command.
 */
async function runInterruptibly(line: string, shell: Shell): Promise<LineOutcome> {
  const { session } = shell;
  const controller = new AbortController();
  const { promise: abandoned, resolve: abandon } = Promise.withResolvers<LineOutcome>();
  const onSessionEnd = () => {
    controller.abort(session.signal.reason);
    abandon({ status: 130, leave: true });
  };
  session.signal.addEventListener("abort", onSessionEnd);
  const release = session.takeInterrupts(() => {
    if (controller.signal.aborted) return false;
    controller.abort(new StatusError("Cancelled", "interrupted"));
    return true;
  });
  try {
    const own: Session = { ...session, signal: controller.signal };
    return await Promise.race([shell.runLine(line, own), abandoned]);
  } finally {
    release();
    session.signal.removeEventListener("abort", onSessionEnd);
  }
}

/** What the prompt calls the backend, and one line about it at the start. */
async function nameOfBackend(options: RunShellOptions): Promise<string> {
  const { session } = options;
  try {
    const backend = await options.backend();
    const { runtimeName, runtimeVersion } = await backend.runtime.version(
      { version: "" },
      { signal: session.signal, timeoutMs: 2000 },
    );
    const at = `${runtimeName} ${runtimeVersion} at ${backend.endpoint}`;
    await session.stderr.write(`${at}\nhelp lists the commands, Tab completes, Ctrl-D leaves\n`);
    return backend.kind === "embedded" ? "embedded" : runtimeName;
  } catch (error) {
    const { printError } = await import("../cli/print-error.ts");
    await printError(session.stderr, error);
    return "no runtime";
  }
}

function promptFor(name: string, status: number, session: Session): string {
  const text = `crish ${name}`;
  if (!session.stdout.color) return status === 0 ? `${text}> ` : `${text} [${status}]> `;
  const mark = status === 0 ? "" : ` \x1b[31m[${status}]\x1b[39m`;
  return `\x1b[1m${text}\x1b[22m${mark}> `;
}
