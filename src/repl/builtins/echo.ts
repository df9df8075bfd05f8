import { EXIT } from "../../errors/exit-code.ts";
import type { Builtin } from "./builtin.ts";

export const echo: Builtin = {
  spec: {
    name: "echo",
    summary: "print the arguments on one line",
    examples: [{ line: "echo status $?", meaning: "how the last command ended" }],
    args: [],
    flags: [],
    stopAfterArgs: 0,
    group: "shell",
  },
  async run(_shell, input, session) {
    await session.stdout.write(`${input.rest.join(" ")}\n`);
    return EXIT.success;
  },
};
