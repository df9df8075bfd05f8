import { callOptions } from "../cli/call-options.ts";
import type { Command } from "../cli/command.ts";
import { documentFlags } from "../cli/flag-sets.ts";
import { prepareMessage } from "../cli/prepare-message.ts";
import { sleep } from "../host/sleep.ts";

/** As crictl has it. */
const WATCH_EVERY_MS = 500;

/** Prints the metrics of pods. */
export const metricsp: Command = {
  spec: {
    name: "metricsp",
    summary: "show the metrics of pods, as a kubelet collects them",
    description: "crish metricdescs tells what the metrics and their labels mean.",
    examples: [{ line: "crish metricsp", meaning: "Of all pods that run" }],
    args: [],
    flags: [
      ...documentFlags(),
      {
        name: "watch",
        short: "w",
        type: "boolean",
        meaning: "again every half second, until interrupted",
      },
    ],
    object: "pod",
    group: "pods",
  },
  async run(context, { flags }) {
    const render = await prepareMessage(context, flags, "ListPodSandboxMetricsResponse");
    const { runtime } = await context.backend();
    const isWatch = flags.watch === true;
    const { signal, stdout } = context;
    do {
      const answer = await runtime.listPodSandboxMetrics({}, callOptions(context));
      await stdout.write((await render?.(answer)) ?? "");
      if (isWatch) await sleep(WATCH_EVERY_MS, { signal });
    } while (isWatch);
    return 0;
  },
  endsAtInterrupt: (_context, { flags }) => flags.watch === true,
};
