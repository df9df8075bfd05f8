import { callOptions } from "../cli/call-options.ts";
import type { Command, CommandInput } from "../cli/command.ts";
import { type ContainerUsage, measureUsage } from "../cli/container-usage.ts";
import type { Context } from "../cli/context.ts";
import { LABEL_FLAG, outputFlag } from "../cli/flag-sets.ts";
import { listOf } from "../cli/inspect-each.ts";
import { parseLabelSelector } from "../cli/label-selector.ts";
import { printError } from "../cli/print-error.ts";
import { renderMessage } from "../cli/render-messages.ts";
import { resolveContainers, resolvePod } from "../cli/resolve-objects.ts";
import { tableStyle } from "../cli/table-style.ts";
import type { ContainerStats } from "../cri/gen/runtime/v1/api.ts";
import { EXIT, toExitCode } from "../errors/exit-code.ts";
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
      { line: "crish stats web db", meaning: "Two containers" },
      { line: "crish stats --watch", meaning: "All that run, again and again" },
    ],
    args: [
      {
        name: "container",
        meaning: "ID, unique prefix, name, or namespace/pod/container",
        required: false,
        unless: ["id", "pod", "label"],
        variadic: true,
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
    const { ids, status } = await namedContainers(context, args, flags);
    if (ids?.size === 0) return status;
    const sample = await createSampler(context, flags, ids);
    if (flags.output === "json" || flags.output === "yaml") {
      const message = { stats: await sample() };
      await context.stdout.write(
        await renderMessage("ListContainerStatsResponse", message, flags.output),
      );
      return status;
    }
    do {
      try {
        const usages = await measureUsage(sample, { intervalMs, signal: context.signal });
        await print(context, flags, usages);
      } catch (error) {
        // Ctrl-C is how a watch ends.
        if (flags.watch === true && context.signal.aborted) return status;
        throw error;
      }
    } while (flags.watch === true && !context.signal.aborted);
    return status;
  },
};

/**
 * The containers that are named, each of which is reported where it is not there; undefined where
 * none is named. Names are resolved once.
 */
async function namedContainers(
  context: Context,
  args: CommandInput["args"],
  flags: CommandInput["flags"],
): Promise<{ readonly ids: ReadonlySet<string> | undefined; readonly status: number }> {
  const id = textOf(flags.id);
  const references = id === undefined ? listOf(args.container) : [id];
  if (references.length === 0) return { ids: undefined, status: EXIT.success };
  const ids = new Set<string>();
  let status: number = EXIT.success;
  for (const item of await resolveContainers(context, references)) {
    if ("object" in item) {
      ids.add(item.object.id);
    } else {
      await printError(context.stderr, item.error);
      if (status === EXIT.success) status = toExitCode(item.error);
    }
  }
  return { ids, status };
}

/** What asks for the figures of the containers meant. */
async function createSampler(
  context: Context,
  flags: CommandInput["flags"],
  ids: ReadonlySet<string> | undefined,
): Promise<() => Promise<readonly ContainerStats[]>> {
  const selector = parseLabelSelector(flags.label);
  const pod = textOf(flags.pod);
  const podSandboxId = pod === undefined ? "" : (await resolvePod(context, pod)).id;
  const [first = "", ...others] = ids ?? [];
  const id = others.length === 0 ? first : "";
  const { runtime } = await context.backend();
  return async () => {
    const filter = { id, podSandboxId, labelSelector: { ...selector.equal } };
    const answer = await runtime.listContainerStats({ filter }, callOptions(context));
    // Some runtimes ignore the labels.
    return answer.stats.filter(
      ({ attributes }) =>
        selector.matches(attributes?.labels ?? {}) && (ids?.has(attributes?.id ?? "") ?? true),
    );
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
