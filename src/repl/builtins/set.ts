import type { Session } from "../../cli/context.ts";
import { EXIT } from "../../errors/exit-code.ts";
import { StatusError } from "../../errors/status-error.ts";
import { createCapturedOutput } from "../language/captured-output.ts";
import { quoteWord } from "../language/quote-word.ts";
import type { Shell } from "../shell.ts";
import { assignVariable } from "../shell-settings.ts";
import type { Builtin } from "./builtin.ts";

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

export const set: Builtin = {
  spec: {
    name: "set",
    summary: "set a variable, to a text or to what a command prints",
    description: [
      "set NAME = COMMAND runs the command, pipes and all, and keeps what it prints, without the",
      "newlines at its end; where it fails, NAME is unset afterwards. set NAME TEXT keeps the text,",
      "and set NAME '' an empty one. Without arguments the variables are listed.",
      '$NAME stands for the value, and falls into words at blanks and newlines; "$NAME" does not.',
      "Programs behind | and ! find the variables in their environment.",
      "set events off: the shell no longer tells, above the prompt, of containers that end and images",
      "that come and go; set events on, and it does again.",
      "set -e ends a script at the first command that fails, which is the rule; set +e goes on.",
    ].join("\n"),
    examples: [
      { line: "set ids = ps -q --name web", meaning: "the IDs of some containers" },
      { line: "rm -f $ids", meaning: "act on all of them" },
      { line: "set pod web-0", meaning: "a text" },
    ],
    args: [],
    flags: [],
    stopAfterArgs: 0,
    group: "shell",
  },
  async run(shell, { rest }, session) {
    const [first, second] = rest;
    if (first === undefined) return await listVariables(shell, session);
    if (rest.length === 1 && (first === "-e" || first === "+e")) {
      shell.options.stopAtFailure = first === "-e";
      return EXIT.success;
    }
    const joined = /^([^=]*)=(.*)$/s.exec(first);
    const name = joined?.[1] ?? first;
    if (!NAME.test(name)) throw noName(name);
    if (second === "=" && joined === null)
      return await capture(name, rest.slice(2), shell, session);
    const words = joined === null ? rest.slice(1) : [joined[2] ?? "", ...rest.slice(1)];
    if (words.length === 0) throw noValue(name);
    assignVariable(shell.variables, name, words.join(" "));
    return EXIT.success;
  },
};

async function capture(
  name: string,
  words: readonly string[],
  shell: Shell,
  session: Session,
): Promise<number> {
  if (words.length === 0) throw noValue(name);
  const captured = createCapturedOutput({ columns: session.stdout.columns });
  const status = await shell.runWords(words, { ...session, stdout: captured.output });
  if (status === EXIT.success) assignVariable(shell.variables, name, captured.text());
  else shell.variables.delete(name);
  return status;
}

async function listVariables(shell: Shell, session: Session): Promise<number> {
  const sorted = [...shell.variables].sort(([one], [other]) => (one < other ? -1 : 1));
  const lines = sorted.map(([name, value]) => `set ${name} ${quoteWord(value)}\n`);
  await session.stdout.write(lines.join(""));
  return EXIT.success;
}

function noName(name: string): StatusError {
  return new StatusError("InvalidArgument", `"${name}" is no name for a variable`, {
    hint: "letters, digits and _ make a name; a digit does not begin one",
  });
}

function noValue(name: string): StatusError {
  return new StatusError("InvalidArgument", `set ${name} needs a value`, {
    hint: `set ${name} TEXT, set ${name} '' or set ${name} = COMMAND`,
  });
}
