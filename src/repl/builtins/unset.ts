import { EXIT } from "../../errors/exit-code.ts";
import type { Builtin } from "./builtin.ts";

export const unset: Builtin = {
  spec: {
    name: "unset",
    summary: "forget variables",
    examples: [{ line: "unset ids", meaning: "$ids is an error again" }],
    args: [{ name: "name", meaning: "of a variable", required: true, variadic: true }],
    flags: [],
    group: "shell",
  },
  async run(shell, input) {
    for (const name of [input.args.name].flat()) shell.variables.delete(String(name));
    return EXIT.success;
  },
};
