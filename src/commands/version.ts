import type { Command } from "../cli/command.ts";
import { CRISH_VERSION } from "../cli/version.ts";
import { escapeControl } from "../output/escape-control.ts";

/** The runtime's version, as `crictl version` prints it. */
export const version: Command = {
  spec: {
    name: "version",
    summary: "print the version of the runtime and of CRI",
    examples: [
      { line: "crish version", meaning: "Versions that the runtime reports" },
      {
        line: "crish version --client",
        meaning: "The version of crish, without asking the runtime",
      },
    ],
    args: [],
    flags: [{ name: "client", type: "boolean", meaning: "print the version of crish alone" }],
    group: "runtime",
  },
  async run(context, { flags }) {
    if (flags.client === true) {
      await context.stdout.write(`crish version ${CRISH_VERSION}\n`);
      return 0;
    }
    const backend = await context.backend();
    const answer = await backend.runtime.version({ version: "0.1.0" }, { signal: context.signal });
    const lines = [
      `Version:  ${answer.version}`,
      `RuntimeName:  ${answer.runtimeName}`,
      `RuntimeVersion:  ${answer.runtimeVersion}`,
      `RuntimeApiVersion:  ${answer.runtimeApiVersion}`,
    ];
    await context.stdout.write(`${lines.map((line) => escapeControl(line)).join("\n")}\n`);
    return 0;
  },
};
