import type { FlagValue } from "../cli/command.ts";
import type { CommandEntry } from "../cli/command-table.ts";
import type { Session } from "../cli/context.ts";
import type { BuiltinEntry } from "./builtins/builtin.ts";
import type { RuntimeFacts } from "./context/greet-backend.ts";
import type { History } from "./history.ts";

/** How one line ended. */
export interface LineOutcome {
  readonly status: number;
  /** The line left the shell (`exit`), with this line's status. */
  readonly leave: boolean;
}

/** What verbs without an object act on, and what the prompt shows. */
export interface ShellContext {
  readonly pod: ShellObject;
  readonly container?: ShellObject;
}

export interface ShellObject {
  /** The full ID. */
  readonly id: string;
  readonly name: string;
}

/**
 * What lasts from one line to the next, in the shell on a terminal and in a script. Builtins change
 * it; whoever made it runs lines through it, one at a time.
 */
export interface Shell {
  /** What the sessions of its lines derive from. */
  session: Session;
  readonly table: readonly CommandEntry[];
  readonly builtins: readonly BuiltinEntry[];
  /** Of the last command: `$?`. */
  status: number;
  readonly variables: Map<string, string>;
  /** Names to command lines, to which the arguments are appended. */
  readonly aliases: Map<string, string>;
  /** `$0`, `$1` and so on. */
  parameters: readonly string[];
  readonly options: ShellOptions;
  readonly history: History | undefined;
  readonly context: ShellContext | undefined;
  /** What `use -` goes back to. */
  readonly previousContext: ShellContext | undefined;
  /** The newer attempt, by its ID, of the context's container that was told of. */
  toldOf: string | undefined;
  /** Something was stopped or removed since this was last looked at: what is in use may be gone. */
  hasDestroyed: boolean;
  /** The runtime that answered last, where one has. */
  runtime: RuntimeFacts | undefined;
  /** The scripts that `source` is reading, the outermost first. */
  readonly sources: string[];
  /** The aliases that are being run. */
  readonly expanding: Set<string>;
  /** Set by `exit`: nothing more is run. */
  leaving: boolean;
  /** Changes what is in use; undefined leaves it. */
  setContext(context: ShellContext | undefined): void;
  /** Other global flags for all commands from now on, those of the line that runs too. */
  setGlobalFlags(flags: Readonly<Record<string, FlagValue | undefined>>): void;
  /** Runs a line as typed. Never rejects: failures are printed on the session's stderr. */
  runLine(text: string, session: Session): Promise<LineOutcome>;
  /**
   * Runs one command of expanded words: an alias, a builtin or a verb. Never rejects either; for
   * builtins that run another command.
   */
  runWords(words: readonly string[], session: Session): Promise<number>;
}

export interface ShellOptions {
  /** `set -e`: the first command that fails ends the script. */
  stopAtFailure: boolean;
  /** How many `&&` and `||` ask for the status of what runs now: then no failure ends anything. */
  askedFor: number;
}
