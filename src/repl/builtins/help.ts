import { runCommand } from "../../cli/run-command.ts";
import { EXIT } from "../../errors/exit-code.ts";
import type { Builtin } from "./builtin.ts";
import { findBuiltin } from "./builtin-table.ts";

export const help: Builtin = {
  spec: {
    name: "help",
    summary: "what there is, or one command in full",
    examples: [
      { line: "help", meaning: "all commands" },
      { line: "help logs", meaning: "one of them" },
    ],
    args: [
      {
        name: "command",
        meaning: "a command",
        required: false,
        variadic: true,
        completion: "verb",
      },
    ],
    flags: [],
    group: "shell",
  },
  async run(shell, input, session) {
    const names = [input.args.command ?? []].flat();
    const [name] = names;
    const entry = name === undefined ? undefined : findBuiltin(name, shell.builtins);
    if (entry !== undefined) {
      const { renderCommandHelp } = await import("../../cli/render-help.ts");
      const { spec } = await entry.load();
      const shown = { spec, run: async () => EXIT.success };
      await session.stdout.write(await renderCommandHelp(shown, session.stdout));
      return EXIT.success;
    }
    const status = await runCommand(["help", ...names], session, shell.table);
    if (status === EXIT.success && name === undefined) {
      const { shellHelp } = await import("../shell-help.ts");
      await session.stdout.write(`\n${await shellHelp(session.stdout.columns() ?? 100)}\n${KEYS}`);
    }
    return status;
  },
};

const KEYS = `
Tab completes commands, flags, names and IDs; Ctrl-R searches earlier lines; Ctrl-C ends the
running command; Ctrl-D leaves.
`;
