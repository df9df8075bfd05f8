import { EXIT } from "../../errors/exit-code.ts";
import { StatusError } from "../../errors/status-error.ts";
import type { Builtin } from "./builtin.ts";

export const unalias: Builtin = {
  spec: {
    name: "unalias",
    summary: "forget aliases",
    examples: [{ line: "unalias web", meaning: "web is no command any more" }],
    args: [{ name: "name", meaning: "of an alias", required: true, variadic: true }],
    flags: [],
    group: "shell",
  },
  async run(shell, input) {
    for (const name of [input.args.name].flat().map(String)) {
      if (!shell.aliases.delete(name)) {
        throw new StatusError("NotFound", `there is no alias "${name}"`);
      }
    }
    return EXIT.success;
  },
};
