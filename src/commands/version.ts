import { callOptions } from "../cli/call-options.ts";
import { clientVersion } from "../cli/client-version.ts";
import type { Command } from "../cli/command.ts";
import { outputFlag } from "../cli/flag-sets.ts";
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
      outputFlag(["table", "json", "yaml"], "table"),
    ],
    group: "runtime",
  },
  async run(context, { flags }) {
    const write = (text: string) => context.stdout.write(text);
    if (flags.client === true) {
      const ours = clientVersion();
      if (flags.output !== "table") await write(await renderAs(flags.output, ours));
      else await write(`crish version ${ours.version}\n`);
      return 0;
    }
    const backend = await context.backend();
    const answer = await backend.runtime.version({ version: "0.1.0" }, callOptions(context));
    if (flags.output !== "table") {
      await write(await renderAs(flags.output, answer));
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

async function renderAs(format: unknown, value: object): Promise<string> {
  if (format === "yaml") return (await import("../output/yaml.ts")).renderYaml(value);
  return (await import("../output/json.ts")).renderJson(value);
}
