import { callOptions } from "../cli/call-options.ts";
import type { Command } from "../cli/command.ts";
import { StatusError } from "../errors/status-error.ts";

/** Tells the runtime the addresses of the node's pods. */
export const updateRuntimeConfig: Command = {
  spec: {
    name: "update-runtime-config",
    summary: "tell the runtime which addresses the pods of this node have",
    examples: [
      { line: "crish update-runtime-config --pod-cidr 10.1.2.0/24", meaning: "As a kubelet does" },
    ],
    args: [],
    flags: [
      {
        name: "pod-cidr",
        short: "p",
        type: "string",
        meaning: "addresses of pods; a comma parts IPv4 from IPv6",
        placeholder: "CIDR",
      },
    ],
    group: "runtime",
  },
  async run(context, { flags }) {
    const podCidr = typeof flags["pod-cidr"] === "string" ? flags["pod-cidr"] : "";
    if (podCidr === "") {
      throw new StatusError("InvalidArgument", "update-runtime-config needs --pod-cidr", {
        hint: "an address and a length, as in 10.1.2.0/24",
      });
    }
    const { runtime } = await context.backend();
    const networkConfig = { podCidr };
    await runtime.updateRuntimeConfig({ runtimeConfig: { networkConfig } }, callOptions(context));
    await context.stderr.write("the runtime has taken the new configuration\n");
    return 0;
  },
};
