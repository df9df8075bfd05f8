import { readFileSync } from "node:fs";
import { basename } from "node:path";

const INTERPRETERS = /^(node|bun)$/;

/**
 * What a process is, for messages: its program and, of crish, the verb. Further arguments are left
 * out, as they may hold secrets. Undefined where it has ended or is a kernel thread.
 */
export function describeProcess(pid: number): string | undefined {
  try {
    return describeCommandLine(readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0"));
  } catch {
    return undefined;
  }
}

export function describeCommandLine(words: readonly string[]): string | undefined {
  const program = basename(words[0] ?? "");
  if (program === "") return undefined;
  const scriptAt = INTERPRETERS.test(program)
    ? words.findIndex((word, index) => index > 0 && !word.startsWith("-"))
    : 0;
  const name = basename(words[scriptAt] ?? program).replace(/\.(ts|js|mjs)$/, "");
  if (!name.startsWith("crish")) return name || program;
  const verb = words.slice(scriptAt + 1).find((word) => /^[a-z][a-z-]*$/.test(word));
  return verb === undefined ? name : `${name} ${verb}`;
}
