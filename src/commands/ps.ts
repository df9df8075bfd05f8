import type { Command, CommandInput } from "../cli/command.ts";
import {
  CONTAINER_FILTER_FLAGS,
  NO_TRUNC_FLAG,
  QUIET_ID_FLAG,
  VERBOSE_FLAG,
} from "../cli/flag-sets.ts";
import { type List, pairsText, withTone } from "../cli/list-output/list.ts";
import { isWatched, listFlags } from "../cli/list-output/list-flags.ts";
import { printList } from "../cli/list-output/print-list.ts";
import { type PodFacts, podFinder } from "../cli/pod-facts.ts";
import { findImage } from "../cli/resolve-images.ts";
import { type SelectedContainers, selectContainers } from "../cli/select-containers.ts";
import type { Container } from "../cri/gen/runtime/v1/api.ts";
import { formatAge } from "../output/format-age.ts";
import { formatTime } from "../output/format-time.ts";
import { shortId } from "../output/short-id.ts";
import type { Cell } from "../output/table.ts";
import type { VerboseLine } from "../output/verbose.ts";

/** As --columns has them. */
const COLUMNS = [
  "container",
  "image",
  "created",
  "state",
  "name",
  "attempt",
  "pod-id",
  "pod",
  "namespace",
  "image-id",
  "pod-uid",
  "created-at",
  "labels",
  "annotations",
];
/** What a narrow terminal goes without. */
const DISPENSABLE = [
  "ANNOTATIONS",
  "LABELS",
  "POD UID",
  "IMAGE ID",
  "POD ID",
  "ATTEMPT",
  "CREATED",
  "NAMESPACE",
];
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
      { line: "crish ps --sort-by -created --columns name,pod,state", meaning: "Three columns" },
      { line: "crish ps -w", meaning: "A table that follows what happens, until Ctrl-C" },
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
      ...listFlags(COLUMNS),
    ],
    object: "container",
    group: "containers",
  },
  async run(context, { flags }) {
    const withImages = flags["resolve-image-path"] === true;
    return await printList(context, flags, async () => {
      const options = { defaultState: "running", withImages } as const;
      return containerList(await selectContainers(context, flags, options), flags);
    });
  },
  endsAtInterrupt: isWatched,
};

function containerList(
  selected: SelectedContainers,
  flags: CommandInput["flags"],
): List<Container> {
  const cut = (id: string) => (flags["no-trunc"] === true ? id : shortId(id));
  const pod = podFinder(selected.pods);
  return {
    items: selected.containers,
    message: "Container",
    answer: "ListContainersResponse",
    field: "containers",
    id: ({ id }) => id,
    reference: (container) => {
      const { namespace, name } = pod(container);
      return `${namespace}/${name}/${container.metadata?.name ?? ""}`;
    },
    verbose: (container) => verboseLines(container, pod(container)),
    rows: (container) => [container],
    dispensable: DISPENSABLE,
    columns: [
      { title: "CONTAINER", cell: ({ id }) => cut(id), sortKey: ({ id }) => id },
      { title: "IMAGE", cell: (container) => imageName(container, selected, cut) },
      {
        title: "CREATED",
        cell: ({ createdAt }) => formatAge(createdAt, Date.now()),
        sortKey: ({ createdAt }) => createdAt,
      },
      {
        title: "STATE",
        cell: (container) => withTone(stateName(container), TONES[container.state]),
      },
      { title: "NAME", cell: ({ metadata }) => metadata?.name ?? "" },
      { title: "ATTEMPT", cell: ({ metadata }) => String(metadata?.attempt ?? 0) },
      {
        title: "POD ID",
        cell: ({ podSandboxId }) => cut(podSandboxId),
        sortKey: ({ podSandboxId }) => podSandboxId,
      },
      { title: "POD", cell: (container) => pod(container).name },
      { title: "NAMESPACE", cell: (container) => pod(container).namespace },
      { title: "IMAGE ID", cell: (container) => cut(imageIdOf(container)), shown: "wide" },
      { title: "POD UID", cell: (container) => pod(container).uid ?? "", shown: "wide" },
      { title: "CREATED AT", cell: ({ createdAt }) => formatTime(createdAt), shown: "asked" },
      { title: "LABELS", cell: ({ labels }) => pairsText(labels), shown: "asked" },
      { title: "ANNOTATIONS", cell: ({ annotations }) => pairsText(annotations), shown: "asked" },
    ],
  };
}

function imageIdOf({ imageId, imageRef }: Container): string {
  return imageId || imageRef;
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

function verboseLines(container: Container, pod: PodFacts): VerboseLine[] {
  return [
    ["ID", container.id],
    ["PodID", container.podSandboxId],
    ["Namespace", pod.namespace],
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
