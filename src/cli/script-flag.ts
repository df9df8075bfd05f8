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
    const attached = attachedScript(word);
    if (word === "-f" || word === "--file" || attached !== undefined) {
      const script = attached ?? argv[++index];
      if (script === undefined) return argv;
      return [...before, "repl", ...replFlags, "--", script, ...argv.slice(index + 1)];
    }
    if (flagName(word) === "keep-going") {
      replFlags.push(word);
      continue;
    }
    before.push(word);
    if (wantsValue(word)) before.push(argv[++index] ?? "");
  }
  return argv;
}

// No regular expressions here, nor wherever every command passes: the first one costs time at start.

/** SCRIPT of `-fSCRIPT`, `-f=SCRIPT` and `--file=SCRIPT`. */
function attachedScript(word: string): string | undefined {
  const lead = ["--file=", "-f=", "-f"].find(
    (start) => word.startsWith(start) && word.length > start.length,
  );
  return lead === undefined ? undefined : word.slice(lead.length);
}

/** `name` of `-name`, `--name` and `--name=VALUE`. */
function flagName(word: string): string {
  const name = word.slice(word.startsWith("--") ? 2 : 1);
  const equals = name.indexOf("=");
  return equals === -1 ? name : name.slice(0, equals);
}

/** Whether the value of a global flag is the next word. */
function wantsValue(word: string): boolean {
  if (word.includes("=")) return false;
  const name = flagName(word);
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
