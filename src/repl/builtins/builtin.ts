import type { CommandInput, CommandSpec } from "../../cli/command.ts";
import type { Session } from "../../cli/context.ts";
import type { Shell } from "../shell.ts";

/**
 * A command of the shell itself. Its specification is of the same kind as a verb's, and help,
 * completion and colours read it in the same way; unlike a verb it sees the shell.
 */
export interface Builtin {
  readonly spec: CommandSpec;
  /** Resolves to the status; failures are thrown as StatusError, as a verb's are. */
  run(shell: Shell, input: CommandInput, session: Session): Promise<number>;
}

export interface BuiltinEntry {
  /** The same as in the specification. */
  readonly name: string;
  readonly aliases: readonly string[];
  load(): Promise<Builtin>;
}
