import { callOptions } from "../cli/call-options.ts";
import type { Command, CommandInput } from "../cli/command.ts";
import { NO_TRUNC_FLAG } from "../cli/flag-sets.ts";
import { getImageStore } from "../cli/get-image-store.ts";
import { type List, plainDocument } from "../cli/list-output/list.ts";
import { onceListFlags } from "../cli/list-output/list-flags.ts";
import { prepareList } from "../cli/list-output/print-list.ts";
import { getStoreNames } from "../cli/store-names.ts";
import type { HistoryEntry } from "../cri/image-store.ts";
import { formatAge } from "../output/format-age.ts";
import { formatSize } from "../output/format-size.ts";
import { shortId } from "../output/short-id.ts";

const NONE = "<none>";
const LONGEST_STEP = 45;

/** Shows how an image was made. */
export const history: Command = {
  spec: {
    name: "history",
    summary: "show the steps that made an image, and what each added",
    description: "The newest step first. Sizes are of the layers as they lie unpacked on disk.",
    examples: [
      { line: "crish history app:1.2", meaning: "As a table" },
      { line: "crish history --no-trunc app:1.2", meaning: "With whole commands" },
      { line: "crish history -o jsonl app:1.2", meaning: "A line of JSON for each step" },
    ],
    args: [
      {
        name: "image",
        meaning: "name, digest, ID or unique prefix of the ID",
        required: true,
        completion: "image",
      },
    ],
    flags: [
      { name: "quiet", short: "q", type: "boolean", meaning: "print IDs of layers alone" },
      NO_TRUNC_FLAG,
      ...onceListFlags(["layer", "created", "created-by", "size", "comment"]),
    ],
    object: "image",
    group: "images",
  },
  async run(context, { args, flags }) {
    const print = await prepareList(context, flags);
    const image = String(args.image);
    const store = await getImageStore(context, {
      what: "show the history",
      containerd: `nerdctl -n k8s.io history ${image}`,
      crio: `podman history ${image}`,
      docker: `docker history ${image}`,
    });
    const [name = image] = await getStoreNames(context, [image]);
    const steps = await store.history(name, callOptions(context));
    await print(stepList(steps, flags));
    return 0;
  },
};

function stepList(
  items: readonly HistoryEntry[],
  flags: CommandInput["flags"],
): List<HistoryEntry> {
  const isWhole = flags["no-trunc"] === true;
  const nowMs = Date.now();
  const idOf = ({ diffId = NONE }: HistoryEntry) => diffId;
  return {
    items,
    document: plainDocument,
    whole: (documents) => [...documents],
    id: idOf,
    reference: idOf,
    rows: (step) => [step],
    dispensable: ["COMMENT", "LAYER", "CREATED"],
    columns: [
      {
        title: "LAYER",
        cell: ({ diffId }) => (diffId === undefined ? NONE : isWhole ? diffId : shortId(diffId)),
      },
      {
        title: "CREATED",
        cell: ({ created }) => ageOf(created, nowMs),
        sortKey: ({ created }) => Date.parse(created) || 0,
      },
      {
        title: "CREATED BY",
        cell: ({ createdBy }) => (isWhole ? createdBy : shorten(createdBy)),
      },
      {
        title: "SIZE",
        cell: ({ sizeBytes }) => (sizeBytes === undefined ? "unknown" : formatSize(sizeBytes)),
        sortKey: ({ sizeBytes }) => sizeBytes ?? -1,
      },
      { title: "COMMENT", cell: ({ comment }) => comment },
    ],
  };
}

/** Images that are built to be the same every time say that they are from 1970 or later than now. */
function ageOf(created: string, nowMs: number): string {
  const createdMs = Date.parse(created);
  if (Number.isNaN(createdMs) || createdMs <= 0) return "N/A";
  return formatAge(BigInt(Math.min(createdMs, nowMs)) * 1_000_000n, nowMs);
}

function shorten(step: string): string {
  const text = step.replaceAll(/\s+/g, " ");
  return text.length > LONGEST_STEP ? `${text.slice(0, LONGEST_STEP - 1)}…` : text;
}
