import { callOptions } from "../cli/call-options.ts";
import type { Command, CommandInput } from "../cli/command.ts";
import type { Context } from "../cli/context.ts";
import { imageSpec } from "../cli/image-spec.ts";
import { parsePruneFilter } from "../cli/prune/parse-prune-filter.ts";
import { type Pruned, type PrunePlan, planPrune } from "../cli/prune/plan-prune.ts";
import { unusedImages } from "../cli/prune/unused-images.ts";
import { removeContainer } from "../cli/remove-container.ts";
import { removeRunLogs } from "../cli/run/log-directory.ts";
import { runForEach } from "../cli/run-for-each.ts";
import { EXIT } from "../errors/exit-code.ts";
import { StatusError } from "../errors/status-error.ts";
import { alignCells } from "../output/align-cells.ts";
import { escapeControl } from "../output/escape-control.ts";
import { formatCount } from "../output/format-count.ts";
import { formatSize } from "../output/format-size.ts";
import { shortId } from "../output/short-id.ts";

const SHOWN_OBJECTS = 10;

/** Removes what is no longer used. */
export const prune: Command = {
  spec: {
    name: "prune",
    summary: "remove what is no longer used: containers, pods, images",
    description: [
      "Containers that have exited, pods that are not ready and in which nothing runs, and images",
      "without a tag that no container uses; of those only the kinds that are named, where some are.",
      "Pinned images stay, and so do the runtime's own image of pods, and of a kubelet's pod that is",
      "ready the newest attempt of each container. until goes by a container's end, a pod's start and",
      "an image's creation. With --dry-run: kind, ID, name, size and reason of each. The size of a",
      "container is that of what it has written and of its logs; >= stands before one that the runtime",
      "does not tell whole.",
    ].join("\n"),
    examples: [
      { line: "crish prune --dry-run", meaning: "What would go, why, and what it would free" },
      { line: "crish prune -y --filter until=24h", meaning: "What is older than a day" },
      { line: "crish prune --images -a", meaning: "Every image that no container uses" },
    ],
    args: [],
    flags: [
      { name: "containers", type: "boolean", meaning: "containers that have exited" },
      { name: "pods", type: "boolean", meaning: "pods that are not ready" },
      { name: "images", type: "boolean", meaning: "images that no container uses" },
      { name: "all", short: "a", type: "boolean", meaning: "images that have a tag, too" },
      {
        name: "filter",
        type: "string",
        repeat: true,
        meaning: "only what is older (until=24h) or has a label (label=KEY=VALUE)",
        placeholder: "FILTER",
      },
      { name: "keep-logs", short: "k", type: "boolean", meaning: "leave the log files" },
    ],
    destroys: "remove",
    group: "runtime",
  },
  async run(context, { flags }) {
    const isKindGiven = [flags.containers, flags.pods, flags.images].includes(true);
    const wants = (kind: "containers" | "pods" | "images") => !isKindGiven || flags[kind] === true;
    const plan = await planPrune(context, {
      containers: wants("containers"),
      pods: wants("pods"),
      images: wants("images"),
      taggedImages: flags.all === true,
      keepLogs: flags["keep-logs"] === true,
      filter: parsePruneFilter(flags.filter, Date.now()),
    });
    const all = [...plan.containers, ...plan.pods, ...plan.images];
    if (plan.keptForKubelet > 0) {
      const what = formatCount(plan.keptForKubelet, "container");
      await context.stderr.write(`kept ${what} that the kubelet still looks at\n`);
    }
    if (all.length === 0) {
      await context.stderr.write("nothing to remove\n");
      return EXIT.success;
    }
    if (flags["dry-run"] === true) return await tell(context, all);
    if (flags.yes !== true) await ask(context, plan, all);
    return await removeAll(context, flags, plan);
  },
};

async function tell(context: Context, all: readonly Pruned[]): Promise<number> {
  for (const one of all) {
    const { kind, id, name, reason } = one;
    const size = sizeText(one);
    await context.stdout.write(`${kind}\t${id}\t${escapeControl(name)}\t${size}\t${reason}\n`);
  }
  await context.stderr.write(`would free ${sumText(all)}\n`);
  return EXIT.success;
}

/** Throws Aborted where the answer is no. Where nobody can be asked, the command line is the answer. */
async function ask(context: Context, plan: PrunePlan, all: readonly Pruned[]): Promise<void> {
  if (!context.stdin.isTty || !context.stderr.isTty) return;
  const cells = all
    .slice(0, SHOWN_OBJECTS)
    .map((one) => [one.kind, escapeControl(one.name), shortId(one.id), sizeText(one), one.reason]);
  const lines = alignCells(cells, (context.stderr.columns() ?? 80) - 2).map((line) => `  ${line}`);
  if (all.length > SHOWN_OBJECTS) lines.push(`  and ${all.length - SHOWN_OBJECTS} more`);
  await context.stderr.write(`${lines.join("\n")}\n`);
  const kinds = [
    [plan.containers.length, "container"],
    [plan.pods.length, "pod"],
    [plan.images.length, "image"],
  ] as const;
  const counts = kinds.flatMap(([count, noun]) => (count === 0 ? [] : [formatCount(count, noun)]));
  const question = `Remove ${counts.join(", ")} and free ${sumText(all)}?`;
  if (await context.confirm(question)) return;
  throw new StatusError("Aborted", "nothing was done");
}

/** Containers, then the pods that they were in, then the images that nothing needs by then. */
async function removeAll(
  context: Context,
  flags: CommandInput["flags"],
  plan: PrunePlan,
): Promise<number> {
  const { runtime, images, endpoint } = await context.backend();
  const call = callOptions(context);
  const freed: Pruned[] = [];
  const each = async <T extends Pruned>(going: readonly T[], remove: (one: T) => Promise<void>) =>
    await runForEach(
      context,
      going.map((object) => ({ reference: object.name, object })),
      async (one) => {
        await remove(one);
        freed.push(one);
        return `Removed ${one.kind} ${escapeControl(one.name)} (${shortId(one.id)})\n`;
      },
    );
  const keepLogs = flags["keep-logs"] === true;
  const statuses = [
    await each(plan.containers, ({ id, name }) =>
      removeContainer(context, id, name, { force: false, keepLogs }),
    ),
    await each(plan.pods, async ({ id, pod }) => {
      await runtime.removePodSandbox({ podSandboxId: id }, call);
      if (keepLogs || endpoint.startsWith("tcp:") || pod.metadata === undefined) return;
      await removeRunLogs(pod.metadata);
    }),
  ];
  // A container that was made meanwhile keeps its image: servers remove one that is in use.
  const unused = plan.images.length === 0 ? [] : (await unusedImages(context)).map(({ id }) => id);
  const idle = plan.images.filter(({ id }) => unused.includes(id));
  statuses.push(
    await each(idle, async ({ id }) => {
      await images.removeImage({ image: imageSpec(id) }, call);
    }),
  );
  await context.stdout.write(`Freed ${sumText(freed)}\n`);
  return statuses.find((status) => status !== EXIT.success) ?? EXIT.success;
}

function sizeText({ sizeBytes, isWholeSize }: Pruned): string {
  return `${isWholeSize ? "" : ">="}${formatSize(sizeBytes)}`;
}

function sumText(all: readonly Pruned[]): string {
  const sum = all.reduce((bytes, { sizeBytes }) => bytes + sizeBytes, 0n);
  return `${all.every(({ isWholeSize }) => isWholeSize) ? "" : "at least "}${formatSize(sum)}`;
}
