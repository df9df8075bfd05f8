import type { BuiltinEntry } from "./builtin.ts";

/** The commands of the shell itself; one file each, loaded when it is wanted. */
export const BUILTIN_TABLE: readonly BuiltinEntry[] = [
  { name: "help", aliases: [], load: async () => (await import("./help.ts")).help },
  { name: "clear", aliases: [], load: async () => (await import("./clear.ts")).clear },
  { name: "exit", aliases: ["quit"], load: async () => (await import("./exit.ts")).exit },
];

/** The builtin of that name or alias; undefined for an unknown one. */
export function findBuiltin(
  name: string,
  table: readonly BuiltinEntry[] = BUILTIN_TABLE,
): BuiltinEntry | undefined {
  return table.find((entry) => entry.name === name || entry.aliases.includes(name));
}
