import { callOptions } from "../cli/call-options.ts";
import type { Command, CommandInput } from "../cli/command.ts";
import type { Context } from "../cli/context.ts";
import { documentFlags } from "../cli/flag-sets.ts";
import { prepareMessage } from "../cli/prepare-message.ts";
import { tableStyle } from "../cli/table-style.ts";
import type { ListMetricDescriptorsResponse } from "../cri/gen/runtime/v1/api.ts";
import { renderTable } from "../output/table.ts";

/** Lists the metrics that the runtime has of pods. */
export const metricdescs: Command = {
  spec: {
    name: "metricdescs",
    summary: "list the metrics of pods that the runtime can tell",
    examples: [{ line: "crish metricdescs -o table", meaning: "Names, labels and what they mean" }],
    args: [],
    flags: documentFlags(["table"]),
    group: "runtime",
  },
  async run(context, { flags }) {
    const render = await prepareMessage(context, flags, "ListMetricDescriptorsResponse");
    const { runtime } = await context.backend();
    const answer = await runtime.listMetricDescriptors({}, callOptions(context));
    const text = render === undefined ? await table(context, flags, answer) : await render(answer);
    await context.stdout.write(text);
    return 0;
  },
};

async function table(
  context: Context,
  flags: CommandInput["flags"],
  { descriptors }: ListMetricDescriptorsResponse,
): Promise<string> {
  const rows = descriptors.map(({ name, help, labelKeys }) => [name, labelKeys.join(","), help]);
  const style = tableStyle(context, flags, ["LABELS"]);
  return await renderTable(["NAME", "LABELS", "HELP"], rows, style);
}
