/**
 * The shell: lines to the same commands in one process. This room owns reading lines and scripts,
 * their language, history, completion, context and interrupts; it holds no command's logic.
 */
import { findCommand } from "../cli/command-table.ts";
import type { InputStream, Session } from "../cli/context.ts";
import { openContext } from "../cli/create-context.ts";
import { EXIT } from "../errors/exit-code.ts";
import { findBuiltin } from "./builtins/builtin-table.ts";
import { completeLine } from "./complete-line.ts";
import { formatPrompt } from "./context/format-prompt.ts";
import { type ChangeTeller, createChangeTeller } from "./context/tell-changes.ts";
import { type RuntimeWatch, watchRuntime } from "./context/watch-runtime.ts";
import { createShell } from "./create-shell.ts";
import { createEditor, type Editor, type InputOptions } from "./editor/index.ts";
import { type HighlightFacts, highlightLine } from "./highlight-line.ts";
import { type History, historyFile, openHistory } from "./history.ts";
import { lastWord } from "./language/last-word.ts";
import { isComplete } from "./language/parse-program.ts";
import { createLiveCandidates } from "./live-candidates.ts";
import { loadAliases } from "./load-aliases.ts";
import { runInterruptibly } from "./run-interruptibly.ts";
import type { Shell } from "./shell.ts";

/** Reads and runs lines until Ctrl-D, `exit` or the session's end; resolves to the last status. */
export async function runShell({ session }: { readonly session: Session }): Promise<number> {
  const history = await openHistory(historyFile(session.env));
  const editor = createEditor(session);
  const hasToldOfLoss = () => runtime.tellLoss();
  const shell = createShell({
    session: { ...withDocuments(session, editor), hasToldOfLoss },
    history,
  });
  const runtime = watchRuntime(shell);
  await loadAliases(shell);
  const changes = tellChanges(shell, editor);
  const lines = { shell, editor, history, runtime, changes };
  await runtime.greet();
  return await readAndRun(lines);
}

interface Lines {
  readonly shell: Shell;
  readonly editor: Editor;
  readonly history: History;
  readonly runtime: RuntimeWatch;
  /** Absent where nobody sits at a terminal. */
  readonly changes: ChangeTeller | undefined;
}

function tellChanges(shell: Shell, editor: Editor): ChangeTeller | undefined {
  const { stdin, stdout } = shell.session;
  if (!stdin.isTty || !stdout.canRedraw) return undefined;
  return createChangeTeller({ shell, print: editor.printAbove });
}

async function readAndRun(lines: Lines): Promise<number> {
  const { shell, editor, history, runtime, changes } = lines;
  const { session } = shell;
  const editing = editingOf(shell, history);
  let isAfterInterrupt = false;
  // Between the lines too Ctrl-C is never the shell's end.
  let isInterrupted = false;
  const release = session.takeInterrupts(() => {
    isInterrupted = true;
    return true;
  });
  const onTaken = () => {
    isInterrupted = false;
  };
  try {
    while (!session.signal.aborted) {
      const prompt = formatPrompt(shell, runtime.isLost, session.stdout);
      const rest = changes?.whileIdle();
      const input = await editor.readInput({ ...editing, prompt, isAfterInterrupt, onTaken });
      rest?.();
      isAfterInterrupt = false;
      if (session.signal.aborted) break;
      if (input.kind === "end") return shell.status;
      if (input.kind === "interrupt" || input.text.trim() === "") continue;
      await history.add(input.text);
      if (isInterrupted) {
        shell.status = EXIT.interrupted;
        isAfterInterrupt = true;
        continue;
      }
      const outcome = await runInterruptibly(input.text, shell);
      if (outcome.leave) {
        // Behind the `^C` of the terminal: what comes next begins a line.
        if (outcome.wasInterrupted) await session.stderr.write("\n");
        return outcome.status;
      }
      isAfterInterrupt = outcome.wasInterrupted;
      changes?.afterLine(shell);
      await runtime.checkAfterLine(outcome);
    }
  } finally {
    release();
  }
  return EXIT.interrupted;
}

/** Its commands read documents through the editor: lines of any length, and pastes as they are. */
function withDocuments(session: Session, editor: Editor): Session {
  const readDocument: InputStream["readDocument"] = ({ prompt, signal }) =>
    editor.readDocument({ ...session, signal }, prompt);
  const stdin: InputStream = Object.create(session.stdin, {
    readDocument: { value: readDocument },
  });
  return { ...session, stdin };
}

/** What the editor asks of the language, the table and the runtime. */
function editingOf(shell: Shell, history: History): Omit<InputOptions, "prompt" | "session"> {
  const facts = factsOf(shell);
  const candidatesNow = liveCandidatesOf(shell);
  return {
    continuationPrompt: "> ",
    history,
    isComplete,
    lastWord,
    highlight: (text) => highlightLine(text, facts),
    complete: (text, cursor) => {
      const { pod, container } = shell.context ?? {};
      return completeLine(text, cursor, {
        table: shell.table,
        builtins: shell.builtins,
        aliases: shell.aliases,
        variables: [...shell.variables.keys()],
        candidates: candidatesNow(),
        defaultObjects: {
          ...(pod === undefined ? {} : { pod: pod.id, podPath: pod.name }),
          ...(container === undefined ? {} : { container: container.id }),
        },
      });
    },
  };
}

function factsOf(shell: Shell): HighlightFacts {
  return {
    kindOf(name) {
      if (shell.aliases.has(name)) return "command";
      if (findBuiltin(name, shell.builtins) !== undefined) return "builtin";
      return findCommand(name, shell.table) === undefined ? undefined : "command";
    },
  };
}

/** Candidates of the runtime that the shell talks to; those of another one are forgotten. */
function liveCandidatesOf(shell: Shell) {
  const { session } = shell;
  const create = () =>
    createLiveCandidates({
      session,
      backend: async () => (await openContext(session)).backend(),
    });
  let of = shell.runtime;
  let candidates = create();
  return () => {
    if (shell.runtime?.line !== of?.line) candidates = create();
    of = shell.runtime;
    return candidates;
  };
}
