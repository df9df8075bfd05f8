import { GLOBAL_FLAGS } from "./global-flags.ts";

/**
 * `crish [FLAGS] -f SCRIPT [ARG…]` is `crish [FLAGS] repl -- SCRIPT ARG…`: all that follows the
 * script is its own. Only before the verb, where `-f` is no verb's flag; any other line stays.
 */
export function expandScriptFlag(argv: readonly string[]): readonly string[] {
  const before: string[] = [];
  const replFlags: string[] = [];
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] ?? "";
    if (!word.startsWith("-") || word === "-" || word === "--") return argv;
    const attached = /^(?:-f=?|--file=)(.+)$/.exec(word)?.[1];
    if (word === "-f" || word === "--file" || attached !== undefined) {
      const script = attached ?? argv[++index];
      if (script === undefined) return argv;
      return [...before, "repl", ...replFlags, "--", script, ...argv.slice(index + 1)];
    }
    if (/^--?keep-going(=|$)/.test(word)) {
      replFlags.push(word);
      continue;
    }
    before.push(word);
    if (wantsValue(word)) before.push(argv[++index] ?? "");
  }
  return argv;
}

/** Whether the value of a global flag is the next word. */
function wantsValue(word: string): boolean {
  if (word.includes("=")) return false;
  const name = word.replace(/^--?/, "");
  const long = GLOBAL_FLAGS.find((flag) => flag.name === name);
  if (long !== undefined) return long.type !== "boolean";
  const letter = word.startsWith("--") ? undefined : name.at(-1);
  const short = GLOBAL_FLAGS.find((flag) => flag.short === letter);
  // `-Dr ADDRESS`, but not `-rADDRESS`.
  const areSwitches = [...name.slice(0, -1)].every((other) =>
    GLOBAL_FLAGS.some((flag) => flag.short === other && flag.type === "boolean"),
  );
  return short !== undefined && short.type !== "boolean" && areSwitches;
}
