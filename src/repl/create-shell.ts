import { COMMAND_TABLE } from "../cli/command-table.ts";
import type { Session } from "../cli/context.ts";
import { BUILTIN_TABLE } from "./builtins/builtin-table.ts";
import type { History } from "./history.ts";
import { runLine, runWords } from "./run-line.ts";
import type { Shell } from "./shell.ts";

export interface CreateShellOptions {
  readonly session: Session;
  readonly parameters?: readonly string[];
  readonly stopAtFailure?: boolean;
  readonly history?: History;
}

/** A shell that has run nothing yet. */
export function createShell(options: CreateShellOptions): Shell {
  const shell: Shell = {
    session: options.session,
    table: COMMAND_TABLE,
    builtins: BUILTIN_TABLE,
    status: 0,
    variables: new Map(),
    aliases: new Map(),
    parameters: options.parameters ?? ["crish"],
    options: { stopAtFailure: options.stopAtFailure ?? false, askedFor: 0 },
    history: options.history,
    context: undefined,
    sources: [],
    expanding: new Set(),
    leaving: false,
    runLine: (text, session) => runLine(text, session, shell),
    runWords: (words, session) => runWords(words, session, shell),
  };
  return shell;
}
