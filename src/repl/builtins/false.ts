import { EXIT } from "../../errors/exit-code.ts";
import type { Builtin } from "./builtin.ts";

export const falseBuiltin: Builtin = {
  spec: {
    name: "false",
    summary: "fail with status 1",
    examples: [{ line: "ps -q || false", meaning: "end a script with status 1" }],
    args: [],
    flags: [],
    stopAfterArgs: 0,
    group: "shell",
  },
  run: async () => EXIT.refused,
};
