import type { CommandInput } from "../command.ts";

/** The files that a command line names, as arguments and with -f. */
export function namedFiles(
  paths: CommandInput["args"][string],
  flag: CommandInput["flags"][string],
): readonly string[] {
  return [...(Array.isArray(paths) ? paths : []), ...(Array.isArray(flag) ? flag : [])];
}
