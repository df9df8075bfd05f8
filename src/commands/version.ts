import { callOptions } from "../cli/call-options.ts";
import { clientVersion } from "../cli/client-version.ts";
import type { Command, CommandInput } from "../cli/command.ts";
import type { Context } from "../cli/context.ts";
import { documentFlags } from "../cli/flag-sets.ts";
import { escapeControl } from "../output/escape-control.ts";

/** The runtime's version, as `crictl version` prints it. */
export const version: Command = {
  spec: {
    name: "version",
    summary: "print the version of the runtime and of CRI",
    examples: [
      { line: "crish version", meaning: "Versions that the runtime reports" },
      {
        line: "crish version --client -o json",
        meaning: "Version, commit, runtime and target of crish, without asking a runtime",
      },
    ],
    args: [],
    flags: [
      { name: "client", type: "boolean", meaning: "print the version of crish alone" },
      ...documentFlags(["table"], "table"),
    ],
    group: "runtime",
  },
  async run(context, { flags }) {
    const write = (text: string) => context.stdout.write(text);
    const render = await documentsUnlessTable(context, flags);
    if (flags.client === true) {
      const ours = clientVersion();
      await write(
        render === undefined ? `crish version ${ours.version}\n` : await render([{ ...ours }]),
      );
      return 0;
    }
    const backend = await context.backend();
    const answer = await backend.runtime.version({ version: "0.1.0" }, callOptions(context));
    if (render !== undefined) {
      await write(await render([{ ...answer }]));
      return 0;
    }
    const lines = [
      `Version:  ${answer.version}`,
      `RuntimeName:  ${answer.runtimeName}`,
      `RuntimeVersion:  ${answer.runtimeVersion}`,
      `RuntimeApiVersion:  ${answer.runtimeApiVersion}`,
    ];
    await write(`${lines.map((line) => escapeControl(line)).join("\n")}\n`);
    return 0;
  },
};

async function documentsUnlessTable({ cwd }: Context, flags: CommandInput["flags"]) {
  if (flags.output === "table") return undefined;
  const { prepareDocuments } = await import("../cli/render-documents.ts");
  return await prepareDocuments(flags, cwd);
}
