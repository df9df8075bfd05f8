import type { FlagSpec } from "./command.ts";
import { GLOBAL_FLAGS } from "./global-flags.ts";

/**
 * `crish [FLAGS] -f SCRIPT [ARG…]` is `crish [FLAGS] repl -- SCRIPT ARG…`: all that follows the
 * script is its own. Only before the verb, where `-f` is no verb's flag; any other line stays.
 * So does one without a script, unless the caller says what becomes of it.
 */
export function expandScriptFlag(
  argv: readonly string[],
  onMissing: (flag: string) => readonly string[] = () => argv,
): readonly string[] {
  const before: string[] = [];
  const replFlags: string[] = [];
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] ?? "";
    if (!word.startsWith("-") || word === "-" || word === "--") return argv;
    const attached = attachedScript(word);
    if (word === "-f" || word === "--file" || attached !== undefined) {
      const script = attached ?? argv[++index];
      if (script === undefined) return onMissing(word);
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

// No regular expressions here, nor map, find and the like, nor wherever every command passes: the
// first of each costs time at start (docs/decisions/0010-start.md).

/** SCRIPT of `-fSCRIPT`, `-f=SCRIPT` and `--file=SCRIPT`. */
function attachedScript(word: string): string | undefined {
  if (!word.startsWith("-f") && !word.startsWith("--file=")) return undefined;
  for (const lead of ["--file=", "-f=", "-f"]) {
    if (word.startsWith(lead) && word.length > lead.length) return word.slice(lead.length);
  }
  return undefined;
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
  for (const flag of GLOBAL_FLAGS) if (flag.name === name) return flag.type !== "boolean";
  if (word.startsWith("--")) return false;
  // `-Dr ADDRESS`, but not `-rADDRESS`.
  const last = name.length - 1;
  for (let at = 0; at < last; at++) if (typeOfShort(name.charAt(at)) !== "boolean") return false;
  const type = typeOfShort(name.charAt(last));
  return type !== undefined && type !== "boolean";
}

function typeOfShort(letter: string): FlagSpec["type"] | undefined {
  for (const flag of GLOBAL_FLAGS) if (flag.short === letter) return flag.type;
  return undefined;
}
