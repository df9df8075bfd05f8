import type { Builtin, BuiltinEntry } from "./builtin.ts";

/** The commands of the shell itself; one file each, loaded when it is wanted. */
export const BUILTIN_TABLE: readonly BuiltinEntry[] = [
  entry("use", [], async () => (await import("./use.ts")).use),
  entry("..", [], async () => (await import("./up.ts")).up),
  entry("connect", [], async () => (await import("./connect.ts")).connect),
  entry("help", [], async () => (await import("./help.ts")).help),
  entry("set", [], async () => (await import("./set.ts")).set),
  entry("unset", [], async () => (await import("./unset.ts")).unset),
  entry("alias", [], async () => (await import("./alias.ts")).alias),
  entry("unalias", [], async () => (await import("./unalias.ts")).unalias),
  entry("watch", [], async () => (await import("./watch.ts")).watch),
  entry("time", [], async () => (await import("./time.ts")).time),
  entry("source", [], async () => (await import("./source.ts")).source),
  entry("history", [], async () => (await import("./history.ts")).history),
  entry("echo", [], async () => (await import("./echo.ts")).echo),
  entry("true", [], async () => (await import("./true.ts")).trueBuiltin),
  entry("false", [], async () => (await import("./false.ts")).falseBuiltin),
  entry("clear", [], async () => (await import("./clear.ts")).clear),
  entry("exit", ["quit"], async () => (await import("./exit.ts")).exit),
];

/** The builtin of that name or alias; undefined for an unknown one. */
export function findBuiltin(
  name: string,
  table: readonly BuiltinEntry[] = BUILTIN_TABLE,
): BuiltinEntry | undefined {
  return table.find((entry) => entry.name === name || entry.aliases.includes(name));
}

function entry(
  name: string,
  aliases: readonly string[],
  load: () => Promise<Builtin>,
): BuiltinEntry {
  return { name, aliases, load };
}
