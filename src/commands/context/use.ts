import type { Command } from "../../cli/command.ts";
import { changeOwnFile, getContext, overriding } from "../../cli/contexts/own-contexts.ts";
import { EXIT } from "../../errors/exit-code.ts";
import { StatusError } from "../../errors/status-error.ts";

/** Makes a context the one in use, or none. */
export const contextUse: Command = {
  spec: {
    name: "context use",
    summary: "use a runtime from now on",
    examples: [
      { line: "crish context use edge", meaning: "What follows goes to edge" },
      { line: "crish context use --none", meaning: "Back to crictl.yaml, and to detection" },
    ],
    args: [
      {
        name: "name",
        meaning: "of a context",
        required: true,
        unless: ["none"],
        completion: "runtime-context",
      },
    ],
    flags: [{ name: "none", type: "boolean", meaning: "use no context" }],
    toleratesSettings: true,
    group: "runtime",
  },
  async run(context, { args, flags }) {
    const name = args.name === undefined ? undefined : String(args.name);
    if (name !== undefined && flags.none === true) {
      throw new StatusError("InvalidArgument", `--none excludes the context "${name}"`);
    }
    if (name !== undefined) await getContext(context, name);
    await changeOwnFile(context, () => [{ path: ["current-context"], value: name }]);
    context.session.leaveRuntime?.();
    if (name !== undefined) await context.stdout.write(`${name}\n`);
    const above = overriding(context);
    if (above !== undefined) await context.stderr.write(`${above} is set and goes before it\n`);
    return EXIT.success;
  },
};
