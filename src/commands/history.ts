import { callOptions } from "../cli/call-options.ts";
import type { Command, CommandInput } from "../cli/command.ts";
import { NO_TRUNC_FLAG } from "../cli/flag-sets.ts";
import { getImageStore } from "../cli/get-image-store.ts";
import { listOf } from "../cli/inspect-each.ts";
import { type List, plainDocument } from "../cli/list-output/list.ts";
import { onceListFlags } from "../cli/list-output/list-flags.ts";
import { prepareList } from "../cli/list-output/print-list.ts";
import { reportFound } from "../cli/report-found.ts";
import { resolveImages } from "../cli/resolve-images.ts";
import { storeName } from "../cli/store-names.ts";
import type { HistoryEntry } from "../cri/image-store.ts";
import { formatAge } from "../output/format-age.ts";
import { formatSize } from "../output/format-size.ts";
import { shortId } from "../output/short-id.ts";

const NONE = "<none>";
const LONGEST_STEP = 45;

/** Shows how images were made. */
export const history: Command = {
  spec: {
    name: "history",
    summary: "show the steps that made images, and what each added",
    description: [
      "The newest step first. Sizes are of the layers as they lie unpacked on disk. Of several images",
      "each step says whose it is.",
    ].join("\n"),
    examples: [
      { line: "crish history app:1.2", meaning: "As a table" },
      { line: "crish history --no-trunc app:1.2", meaning: "With whole commands" },
      { line: "crish history -o jsonl app:1.2 db:16", meaning: "A line of JSON for each step" },
    ],
    args: [
      {
        name: "image",
        meaning: "name, digest, ID or unique prefix of the ID",
        required: true,
        variadic: true,
        completion: "image",
      },
    ],
    flags: [
      { name: "quiet", short: "q", type: "boolean", meaning: "print IDs of layers alone" },
      NO_TRUNC_FLAG,
      ...onceListFlags(["image", "layer", "created", "created-by", "size", "comment"]),
    ],
    object: "image",
    group: "images",
  },
  async run(context, { args, flags }) {
    const print = await prepareList(context, flags);
    const references = listOf(args.image);
    const [first = ""] = references;
    const store = await getImageStore(context, {
      what: "show the history",
      containerd: `nerdctl -n k8s.io history ${first}`,
      crio: `podman history ${first}`,
      docker: `docker history ${first}`,
    });
    const items = await resolveImages(context, references);
    const pending = items.map(async (item): Promise<readonly Step[]> => {
      const entries = await store.history(storeName(item), callOptions(context));
      return entries.map((entry) => ({ image: item.reference, entry }));
    });
    const isOfSeveral = references.length > 1;
    return await reportFound(context, pending, (found) =>
      print(stepList(found.flat(), { flags, isOfSeveral })),
    );
  },
};

interface Step {
  /** As it was asked for. */
  readonly image: string;
  readonly entry: HistoryEntry;
}

function stepList(
  items: readonly Step[],
  { flags, isOfSeveral }: { flags: CommandInput["flags"]; isOfSeveral: boolean },
): List<Step> {
  const isWhole = flags["no-trunc"] === true;
  const nowMs = Date.now();
  const idOf = ({ entry: { diffId = NONE } }: Step) => diffId;
  return {
    items,
    document: ({ image, entry }) =>
      isOfSeveral ? { image, ...plainDocument(entry) } : plainDocument(entry),
    whole: (documents) => [...documents],
    id: idOf,
    reference: idOf,
    rows: (step) => [step],
    dispensable: ["COMMENT", "LAYER", "CREATED"],
    columns: [
      {
        title: "IMAGE",
        cell: ({ image }) => image,
        ...(isOfSeveral ? {} : { shown: "asked" }),
      },
      {
        title: "LAYER",
        cell: ({ entry: { diffId } }) =>
          diffId === undefined ? NONE : isWhole ? diffId : shortId(diffId),
      },
      {
        title: "CREATED",
        cell: ({ entry: { created } }) => ageOf(created, nowMs),
        sortKey: ({ entry: { created } }) => Date.parse(created) || 0,
      },
      {
        title: "CREATED BY",
        cell: ({ entry: { createdBy } }) => (isWhole ? createdBy : shorten(createdBy)),
      },
      {
        title: "SIZE",
        cell: ({ entry: { sizeBytes } }) =>
          sizeBytes === undefined ? "unknown" : formatSize(sizeBytes),
        sortKey: ({ entry: { sizeBytes } }) => sizeBytes ?? -1,
      },
      { title: "COMMENT", cell: ({ entry: { comment } }) => comment },
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
