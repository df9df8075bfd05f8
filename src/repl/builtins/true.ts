import { EXIT } from "../../errors/exit-code.ts";
import type { Builtin } from "./builtin.ts";

export const trueBuiltin: Builtin = {
  spec: {
    name: "true",
    summary: "succeed, whatever the arguments",
    examples: [{ line: "rm web || true", meaning: "go on in a script where rm fails" }],
    args: [],
    flags: [],
    stopAfterArgs: 0,
    group: "shell",
  },
  run: async () => EXIT.success,
};
