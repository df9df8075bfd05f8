import type { Command, CommandInput } from "../cli/command.ts";
import type { Context } from "../cli/context.ts";
import {
  CONTAINER_FILTER_FLAGS,
  NO_TRUNC_FLAG,
  outputFlag,
  QUIET_ID_FLAG,
  VERBOSE_FLAG,
} from "../cli/flag-sets.ts";
import { podOf } from "../cli/pod-facts.ts";
import { renderMessage } from "../cli/render-messages.ts";
import { findImage } from "../cli/resolve-images.ts";
import { type SelectedContainers, selectContainers } from "../cli/select-containers.ts";
import { tableStyle } from "../cli/table-style.ts";
import type { Container } from "../cri/gen/runtime/v1/api.ts";
import { formatAge } from "../output/format-age.ts";
import { shortId } from "../output/short-id.ts";
import { type Cell, renderTable } from "../output/table.ts";
import { renderVerbose, type VerboseLine } from "../output/verbose.ts";

const HEADING = [
  "CONTAINER",
  "IMAGE",
  "CREATED",
  "STATE",
  "NAME",
  "ATTEMPT",
  "POD ID",
  "POD",
  "NAMESPACE",
];
/** What a narrow terminal goes without. */
const DISPENSABLE = ["POD ID", "ATTEMPT", "CREATED", "NAMESPACE"];
const STATES: readonly string[] = ["Created", "Running", "Exited", "Unknown"];
const TONES: readonly Cell["tone"][] = [undefined, "good", "dim", "bad"];

/** Lists containers. */
export const ps: Command = {
  spec: {
    name: "ps",
    summary: "list containers",
    description: "Running containers, the newest first; all of them with --all.",
    examples: [
      { line: "crish ps -a", meaning: "Containers in every state" },
      { line: "crish ps --pod web --state exited -q", meaning: "IDs of what has ended in pod web" },
    ],
    args: [],
    flags: [
      { name: "all", short: "a", type: "boolean", meaning: "in every state" },
      {
        name: "id",
        type: "string",
        meaning: "only this ID or prefix",
        placeholder: "ID",
        completion: "container",
      },
      ...CONTAINER_FILTER_FLAGS,
      QUIET_ID_FLAG,
      VERBOSE_FLAG,
      NO_TRUNC_FLAG,
      {
        name: "resolve-image-path",
        short: "r",
        type: "boolean",
        meaning: "show an image's first tag instead of its ID",
      },
      outputFlag(["table", "json", "yaml"], "table"),
    ],
    object: "container",
    group: "containers",
  },
  async run(context, { flags }) {
    const withImages = flags["resolve-image-path"] === true;
    const selected = await selectContainers(context, flags, {
      defaultState: "running",
      withImages,
    });
    await context.stdout.write(await render(context, flags, selected));
    return 0;
  },
};

async function render(
  context: Context,
  flags: CommandInput["flags"],
  selected: SelectedContainers,
): Promise<string> {
  const { containers } = selected;
  if (flags.output === "json" || flags.output === "yaml") {
    return await renderMessage("ListContainersResponse", { containers }, flags.output);
  }
  if (flags.quiet === true) return containers.map(({ id }) => `${id}\n`).join("");
  if (flags.verbose === true) {
    return renderVerbose(containers.map((container) => verboseLines(container, selected)));
  }
  const rows = containers.map((container) => tableRow(container, selected, flags));
  return await renderTable(HEADING, rows, tableStyle(context, flags, DISPENSABLE));
}

function tableRow(
  container: Container,
  selected: SelectedContainers,
  flags: CommandInput["flags"],
): (string | Cell)[] {
  const cut = (id: string) => (flags["no-trunc"] === true ? id : shortId(id));
  const pod = podOf(container, selected.pods);
  return [
    cut(container.id),
    imageName(container, selected, cut),
    formatAge(container.createdAt, Date.now()),
    { text: stateName(container), tone: TONES[container.state] } as Cell,
    container.metadata?.name ?? "",
    String(container.metadata?.attempt ?? 0),
    cut(container.podSandboxId),
    pod.name,
    pod.namespace,
  ];
}

function imageName(
  container: Container,
  { images }: SelectedContainers,
  cut: (id: string) => string,
): string {
  const name = container.image?.image || container.imageRef;
  const image = images.length === 0 ? undefined : findImage(container.imageRef || name, images);
  return image?.repoTags[0] ?? cut(name);
}

function verboseLines(container: Container, { pods }: SelectedContainers): VerboseLine[] {
  return [
    ["ID", container.id],
    ["PodID", container.podSandboxId],
    ["Namespace", podOf(container, pods).namespace],
    ["Name", container.metadata?.name ?? ""],
    ["Attempt", String(container.metadata?.attempt ?? 0)],
    ["State", stateName(container)],
    ["Image", container.image?.image ?? container.imageRef],
    ["Created", formatAge(container.createdAt, Date.now())],
    ["Labels", container.labels],
    ["Annotations", container.annotations],
  ];
}

function stateName(container: Container): string {
  return STATES[container.state] ?? "Unknown";
}
