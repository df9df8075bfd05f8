import type { Command } from "../../cli/command.ts";
import type { Context } from "../../cli/context.ts";
import { changeOwnFile, getContext } from "../../cli/contexts/own-contexts.ts";
import { printError } from "../../cli/print-error.ts";
import { ownSettingsFile } from "../../config/own-settings-files.ts";
import { EXIT, toExitCode } from "../../errors/exit-code.ts";
import { StatusError } from "../../errors/status-error.ts";

/** Forgets contexts. */
export const contextRm: Command = {
  spec: {
    name: "context rm",
    summary: "forget the names of runtimes; the runtimes go on",
    examples: [{ line: "crish context rm edge", meaning: "There is no edge any more" }],
    args: [
      {
        name: "name",
        meaning: "of a context",
        required: true,
        variadic: true,
        completion: "runtime-context",
      },
    ],
    flags: [],
    toleratesSettings: true,
    group: "runtime",
  },
  async run(context, { args }) {
    let status: number = EXIT.success;
    // One after the other: they lie in one file.
    for (const name of [args.name ?? []].flat()) {
      try {
        await remove(context, name);
        await context.stdout.write(`${name}\n`);
      } catch (error) {
        await printError(context.stderr, error);
        if (status === EXIT.success) status = toExitCode(error);
      }
    }
    return status;
  },
};

async function remove(context: Context, name: string): Promise<void> {
  const { file } = await getContext(context, name);
  if (file !== ownSettingsFile(context.env)) {
    throw new StatusError("FailedPrecondition", `the context "${name}" is there for everybody`, {
      hint: `it is defined in "${file}"`,
    });
  }
  let wasInUse = false;
  await changeOwnFile(context, ({ currentContext, contexts }) => {
    wasInUse = currentContext === name;
    const isLast = contexts.size === 1;
    return [
      { path: isLast ? ["contexts"] : ["contexts", name], value: undefined },
      ...(wasInUse ? [{ path: ["current-context"], value: undefined }] : []),
    ];
  });
  if (!wasInUse) return;
  context.session.leaveRuntime?.();
  await context.stderr.write(`"${name}" was in use: now no context is\n`);
}
