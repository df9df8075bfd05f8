import type { Command } from "../cli/command.ts";

export const repl: Command = {
  spec: {
    name: "repl",
    summary: "stay in a shell of crish's commands, or run a script of them from stdin",
    description: [
      "On a terminal: the same commands over one connection, with history, and with Tab for commands,",
      "flags, names and IDs. Ctrl-C ends the running command, Ctrl-D leaves.",
      "Otherwise: one command a line, # for comments, a backslash at the end of a line that goes on.",
      "The first command that fails ends the script, and its status is the script's. The commands do",
      "not read the script as their stdin: theirs is empty.",
    ].join("\n"),
    examples: [
      { line: "crish repl", meaning: "the shell" },
      { line: "crish repl < commands.crish", meaning: "a script, up to its first failure" },
    ],
    args: [],
    flags: [
      {
        name: "keep-going",
        type: "boolean",
        meaning: "in a script: go on after a command that fails",
      },
    ],
    group: "shell",
  },
  async run(context, input) {
    // Completion and the line's commands see the endpoint that this command was given.
    const session = { ...context.session, signal: context.signal, defaultVerb: undefined };
    if (!context.stdin.isTty || !context.stdout.isTty) {
      const { runScript } = await import("../repl/run-script.ts");
      return await runScript(session, { keepGoing: input.flags["keep-going"] === true });
    }
    const { runShell } = await import("../repl/run-shell.ts");
    return await runShell({ session, backend: () => context.backend() });
  },
};
