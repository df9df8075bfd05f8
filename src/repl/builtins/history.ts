import { runCommand } from "../../cli/run-command.ts";
import { EXIT } from "../../errors/exit-code.ts";
import type { Builtin } from "./builtin.ts";

export const history: Builtin = {
  spec: {
    name: "history",
    summary: "list the lines of this and of earlier sessions, or the steps of an image",
    description:
      "With an image it is the command of that name: crish history --help tells its flags.",
    examples: [
      { line: "history | grep pull", meaning: "find a line again" },
      { line: "history busybox", meaning: "how an image was made" },
    ],
    args: [
      {
        name: "image",
        meaning: "show how this image was made; without it, lines",
        required: false,
        completion: "image",
      },
    ],
    flags: [],
    stopAfterArgs: 0,
    group: "shell",
  },
  async run(shell, { rest }, session) {
    if (rest.length > 0) return await runCommand(["history", ...rest], session, shell.table);
    const lines = [...(shell.history?.lines ?? [])].reverse();
    await session.stdout.write(lines.map((line) => `${line}\n`).join(""));
    return EXIT.success;
  },
};
