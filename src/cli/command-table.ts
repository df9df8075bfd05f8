/**
 * Every verb of crish, by name: the one list that the parser, help, the REPL, completion and the
 * manual pages read. A verb's file is loaded when the verb is wanted, and it loads heavy modules
 * only when it runs; so the whole table can be loaded for help at little cost.
 */
import type { Command } from "./command.ts";

export interface CommandEntry {
  /** The same as in the specification, here so that a name finds its file without loading others. */
  readonly name: string;
  readonly aliases: readonly string[];
  load(): Promise<Command>;
}

export const COMMAND_TABLE: readonly CommandEntry[] = [
  entry("version", [], async () => (await import("../commands/version.ts")).version),
];

/** The verb of that name or alias; undefined for an unknown one. */
export function findCommand(
  name: string,
  table: readonly CommandEntry[] = COMMAND_TABLE,
): CommandEntry | undefined {
  return table.find((candidate) => candidate.name === name || candidate.aliases.includes(name));
}

/** Loads every verb, in the table's order. */
export function loadAllCommands(
  table: readonly CommandEntry[] = COMMAND_TABLE,
): Promise<readonly Command[]> {
  return Promise.all(table.map((candidate) => candidate.load()));
}

function entry(
  name: string,
  aliases: readonly string[],
  load: () => Promise<Command>,
): CommandEntry {
  return { name, aliases, load };
}
