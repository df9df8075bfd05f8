import { fileURLToPath } from "node:url";

export interface SelfCommand {
  readonly command: string;
  readonly args: readonly string[];
}

/**
 * How to start this very program again with those arguments: the compiled executable itself, or the
 * running interpreter with the entry point of the source tree (also from within a test process).
 */
export function selfCommand(args: readonly string[]): SelfCommand {
  const entry = entryPoint();
  if (entry === undefined) return { command: process.execPath, args: [...args] };
  return { command: process.execPath, args: [entry, ...args] };
}

/** Undefined in a compiled executable, whose modules lie in a file system of its own. */
function entryPoint(): string | undefined {
  const url = import.meta.url;
  if (url.includes("/$bunfs/")) return undefined;
  const extension = url.slice(url.lastIndexOf("."));
  return fileURLToPath(new URL(`../../bin/crish${extension}`, url));
}
