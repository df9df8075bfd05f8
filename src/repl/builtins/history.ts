import { EXIT } from "../../errors/exit-code.ts";
import type { Builtin } from "./builtin.ts";

export const history: Builtin = {
  spec: {
    name: "history",
    summary: "list the lines of this and of earlier sessions",
    examples: [{ line: "history | grep pull", meaning: "find a line again" }],
    args: [],
    flags: [],
    group: "shell",
  },
  async run(shell, _input, session) {
    const lines = [...(shell.history?.lines ?? [])].reverse();
    await session.stdout.write(lines.map((line) => `${line}\n`).join(""));
    return EXIT.success;
  },
};
