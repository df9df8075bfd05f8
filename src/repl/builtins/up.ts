import { EXIT } from "../../errors/exit-code.ts";
import { StatusError } from "../../errors/status-error.ts";
import type { Builtin } from "./builtin.ts";

/** `..` */
export const up: Builtin = {
  spec: {
    name: "..",
    summary: "leave the container in use for its pod, or the pod",
    examples: [{ line: "..", meaning: "from default/web/nginx to default/web" }],
    args: [],
    flags: [],
    group: "shell",
  },
  async run(shell) {
    const { context } = shell;
    if (context === undefined) {
      throw new StatusError("FailedPrecondition", "no pod is in use", {
        hint: "use POD sets one",
      });
    }
    shell.setContext(context.container === undefined ? undefined : { pod: context.pod });
    return EXIT.success;
  },
};
