import { callOptions } from "../cli/call-options.ts";
import type { Command } from "../cli/command.ts";
import { documentFlags } from "../cli/flag-sets.ts";
import { prepareMessage } from "../cli/prepare-message.ts";
import { CgroupDriver } from "../cri/gen/runtime/v1/api.ts";

/** Prints what the runtime tells the kubelet of its configuration. */
export const runtimeConfig: Command = {
  spec: {
    name: "runtime-config",
    summary: "show the runtime's configuration: its cgroup driver",
    examples: [{ line: "crish runtime-config", meaning: "The cgroup driver" }],
    args: [],
    flags: documentFlags(["table"], "table"),
    group: "runtime",
  },
  async run(context, { flags }) {
    const render = await prepareMessage(context, flags, "RuntimeConfigResponse");
    const { runtime } = await context.backend();
    const answer = await runtime.runtimeConfig({}, callOptions(context));
    if (render !== undefined) {
      await context.stdout.write(await render(answer));
    } else if (answer.linux === undefined) {
      await context.stderr.write("the runtime tells nothing of its configuration\n");
    } else {
      const isSystemd = answer.linux.cgroupDriver === CgroupDriver.SYSTEMD;
      await context.stdout.write(`cgroup driver:   ${isSystemd ? "SYSTEMD" : "CGROUPFS"}\n`);
    }
    return 0;
  },
};
