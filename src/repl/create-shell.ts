import { COMMAND_TABLE } from "../cli/command-table.ts";
import type { Session } from "../cli/context.ts";
import { BUILTIN_TABLE } from "./builtins/builtin-table.ts";
import { followContext } from "./context/follow-context.ts";
import { leaveContext } from "./context/leave-context.ts";
import type { History } from "./history.ts";
import { runLine, runWords } from "./run-line.ts";
import type { Shell, ShellContext } from "./shell.ts";

export interface CreateShellOptions {
  readonly session: Session;
  readonly parameters?: readonly string[];
  readonly stopAtFailure?: boolean;
  readonly history?: History;
}

/** A shell that has run nothing yet. */
export function createShell(options: CreateShellOptions): Shell {
  let context: ShellContext | undefined;
  let previousContext: ShellContext | undefined;
  const globalFlags = { ...options.session.globalFlags };
  // A line's session is a copy: it holds these two themselves, and so sees what changes in them.
  // One that has default objects already keeps them: a command may have been denied the context's.
  const own = (session: Session): Session => ({
    defaultObjects,
    ...session,
    globalFlags,
    leaveRuntime,
  });
  const shell: Shell = {
    get session() {
      return own(options.session);
    },
    table: COMMAND_TABLE,
    builtins: BUILTIN_TABLE,
    status: 0,
    variables: new Map(),
    aliases: new Map(),
    parameters: options.parameters ?? ["crish"],
    options: { stopAtFailure: options.stopAtFailure ?? false, askedFor: 0 },
    history: options.history,
    get context() {
      return context;
    },
    get previousContext() {
      return previousContext;
    },
    toldOf: undefined,
    hasDestroyed: false,
    runtime: undefined,
    sources: [],
    expanding: new Set(),
    leaving: false,
    setContext(next) {
      previousContext = context;
      context = next;
    },
    setGlobalFlags: (flags) => void Object.assign(globalFlags, flags),
    runLine: (text, session) => runLine(text, own(session), shell),
    runWords: (words, session) => runWords(words, own(session), shell),
  };
  const defaultObjects = followContext(shell);
  const leaveRuntime = () => {
    const chosen = ["context", "runtime-endpoint", "image-endpoint"];
    shell.setGlobalFlags(Object.fromEntries(chosen.map((name) => [name, undefined])));
    shell.runtime = undefined;
    leaveContext(shell);
  };
  return shell;
}
