import { callOptions } from "../cli/call-options.ts";
import type { Command } from "../cli/command.ts";
import { NO_TRUNC_FLAG } from "../cli/flag-sets.ts";
import type { List } from "../cli/list-output/list.ts";
import { onceListFlags } from "../cli/list-output/list-flags.ts";
import { printList } from "../cli/list-output/print-list.ts";
import type { MetricDescriptor } from "../cri/gen/runtime/v1/api.ts";

/** Lists the metrics that the runtime has of pods. */
export const metricdescs: Command = {
  spec: {
    name: "metricdescs",
    summary: "list the metrics of pods that the runtime can tell",
    examples: [{ line: "crish metricdescs -o table", meaning: "Names, labels and what they mean" }],
    args: [],
    flags: [...onceListFlags(["name", "labels", "help"], "json"), NO_TRUNC_FLAG],
    group: "runtime",
  },
  async run(context, { flags }) {
    return await printList(context, flags, async () => {
      const { runtime } = await context.backend();
      const answer = await runtime.listMetricDescriptors({}, callOptions(context));
      return descriptorList(answer.descriptors);
    });
  },
};

function descriptorList(items: readonly MetricDescriptor[]): List<MetricDescriptor> {
  return {
    items,
    message: "MetricDescriptor",
    answer: "ListMetricDescriptorsResponse",
    field: "descriptors",
    id: ({ name }) => name,
    reference: ({ name }) => name,
    rows: (descriptor) => [descriptor],
    dispensable: ["LABELS"],
    columns: [
      { title: "NAME", cell: ({ name }) => name },
      { title: "LABELS", cell: ({ labelKeys }) => labelKeys.join(",") },
      { title: "HELP", cell: ({ help }) => help },
    ],
  };
}
