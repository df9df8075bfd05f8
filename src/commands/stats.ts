import { callOptions } from "../cli/call-options.ts";
import type { Command, CommandInput } from "../cli/command.ts";
import { type ContainerUsage, measureUsage } from "../cli/container-usage.ts";
import type { Context } from "../cli/context.ts";
import { LABEL_FLAG, outputFlag } from "../cli/flag-sets.ts";
import { parseLabelSelector } from "../cli/label-selector.ts";
import { renderMessage } from "../cli/render-messages.ts";
import { resolveContainer, resolvePod } from "../cli/resolve-objects.ts";
import { tableStyle } from "../cli/table-style.ts";
import type { ContainerStats } from "../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../errors/status-error.ts";
import { formatSize } from "../output/format-size.ts";
import { shortId } from "../output/short-id.ts";
import { renderTable } from "../output/table.ts";

const HEADING = ["CONTAINER", "NAME", "CPU %", "MEM", "DISK", "INODES", "SWAP"];
const CLEAR_SCREEN = "\u001b[H\u001b[2J";

/** Prints what containers use. */
export const stats: Command = {
  spec: {
    name: "stats",
    summary: "show what containers use: CPU, memory, disk",
    description: "CPU is measured between two samples; 100 is one core.",
    examples: [
      { line: "crish stats web", meaning: "One container" },
      { line: "crish stats --watch", meaning: "All that run, again and again" },
    ],
    args: [
      {
        name: "container",
        meaning: "ID, unique prefix, name, or namespace/pod/container",
        required: false,
        unless: ["id", "pod", "label"],
        completion: "container",
      },
    ],
    flags: [
      { name: "all", short: "a", type: "boolean", meaning: "those without figures too" },
      {
        name: "id",
        type: "string",
        meaning: "only this container",
        placeholder: "ID",
        completion: "container",
      },
      {
        name: "pod",
        short: "p",
        type: "string",
        meaning: "only in this pod",
        placeholder: "POD",
        completion: "pod",
        fromContext: "pod",
        notFromContextWith: ["id"],
      },
      LABEL_FLAG,
      {
        name: "seconds",
        short: "s",
        type: "duration",
        meaning: "time between the two samples (default 1s)",
        placeholder: "SECONDS",
      },
      { name: "watch", short: "w", type: "boolean", meaning: "refresh until interrupted" },
      outputFlag(["table", "json", "yaml"], "table"),
    ],
    object: "container",
    group: "containers",
  },
  async run(context, { args, flags }) {
    const intervalMs = typeof flags.seconds === "number" ? flags.seconds : 1000;
    if (intervalMs <= 0) throw new StatusError("InvalidArgument", "--seconds is not above 0");
    const sample = await createSampler(context, args, flags);
    if (flags.output === "json" || flags.output === "yaml") {
      const message = { stats: await sample() };
      await context.stdout.write(
        await renderMessage("ListContainerStatsResponse", message, flags.output),
      );
      return 0;
    }
    do {
      try {
        const usages = await measureUsage(sample, { intervalMs, signal: context.signal });
        await print(context, flags, usages);
      } catch (error) {
        // Ctrl-C is how a watch ends.
        if (flags.watch === true && context.signal.aborted) return 0;
        throw error;
      }
    } while (flags.watch === true && !context.signal.aborted);
    return 0;
  },
};

/** What asks for the figures of the containers meant. Names are resolved once. */
async function createSampler(
  context: Context,
  args: CommandInput["args"],
  flags: CommandInput["flags"],
): Promise<() => Promise<readonly ContainerStats[]>> {
  const selector = parseLabelSelector(flags.label);
  const reference = textOf(flags.id) ?? textOf(args.container);
  const pod = textOf(flags.pod);
  const id = reference === undefined ? "" : (await resolveContainer(context, reference)).id;
  const podSandboxId = pod === undefined ? "" : (await resolvePod(context, pod)).id;
  const { runtime } = await context.backend();
  return async () => {
    const filter = { id, podSandboxId, labelSelector: { ...selector.equal } };
    const answer = await runtime.listContainerStats({ filter }, callOptions(context));
    // Some runtimes ignore the labels.
    return answer.stats.filter(({ attributes }) => selector.matches(attributes?.labels ?? {}));
  };
}

async function print(
  context: Context,
  flags: CommandInput["flags"],
  usages: readonly ContainerUsage[],
): Promise<void> {
  const rows = usages
    .filter((usage) => flags.all === true || usage.hasFigures)
    .map((usage) => [
      shortId(usage.id),
      usage.name,
      usage.cpuPercent === undefined ? "-" : usage.cpuPercent.toFixed(2),
      formatSize(usage.memoryBytes, 4),
      formatSize(usage.diskBytes, 4),
      String(usage.inodes),
      formatSize(usage.swapBytes, 4),
    ]);
  const table = await renderTable(HEADING, rows, tableStyle(context, flags));
  const isScreen = flags.watch === true && context.stdout.canRedraw;
  await context.stdout.write(isScreen ? CLEAR_SCREEN + table : table);
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
