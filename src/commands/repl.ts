import type { Command } from "../cli/command.ts";

export const repl: Command = {
  spec: {
    name: "repl",
    aliases: ["shell"],
    summary: "stay in a shell of crish's commands, or run a script of them",
    description: [
      "On a terminal: the same commands over one connection, with history, and with Tab for commands,",
      "flags, names and IDs. Ctrl-C ends the running command, Ctrl-D leaves.",
      "With SCRIPT, or on a pipe, a script: commands on lines, with $1 and so on for its arguments.",
      "The first command that fails ends it, as with sh -e, and its status is the script's. Commands",
      "of a script on stdin do not read it: their stdin is empty.",
      "crish -f SCRIPT [ARG...] is the same, and makes #!/usr/bin/env -S crish -f a first line.",
    ].join("\n"),
    examples: [
      { line: "crish repl", meaning: "the shell" },
      { line: "crish -f nightly.crish web-0", meaning: "a script with an argument" },
      { line: "crish repl < commands.crish", meaning: "a script, up to its first failure" },
    ],
    args: [
      {
        name: "script",
        meaning: "a file of commands; - is stdin",
        required: false,
        completion: "file",
      },
    ],
    stopAfterArgs: 1,
    flags: [
      {
        name: "keep-going",
        type: "boolean",
        meaning: "in a script: go on after a command that fails",
      },
    ],
    group: "shell",
  },
  moreHelp: async (width) => await (await import("../repl/shell-help.ts")).shellHelp(width),
  async innerVerbs() {
    const { BUILTIN_TABLE } = await import("../repl/builtins/builtin-table.ts");
    return BUILTIN_TABLE.flatMap(({ name, aliases }) => [name, ...aliases]);
  },
  async run(context, input) {
    // Completion and the line's commands see the endpoint that this command was given.
    const session = { ...context.session, signal: context.signal, defaultVerb: undefined };
    const file = input.args.script === undefined ? undefined : String(input.args.script);
    if (file !== undefined || !context.stdin.isTty || !context.stdout.isTty) {
      const { runScript } = await import("../repl/run-script.ts");
      const keepGoing = input.flags["keep-going"] === true;
      return await runScript(session, { file, args: input.rest, keepGoing });
    }
    const { runShell } = await import("../repl/run-shell.ts");
    return await runShell({ session });
  },
};
