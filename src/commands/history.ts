import { callOptions } from "../cli/call-options.ts";
import type { Command, CommandInput } from "../cli/command.ts";
import type { Context } from "../cli/context.ts";
import { documentFlags, NO_TRUNC_FLAG } from "../cli/flag-sets.ts";
import { getImageStore } from "../cli/get-image-store.ts";
import { prepareDocuments } from "../cli/render-documents.ts";
import { getStoreNames } from "../cli/store-names.ts";
import { tableStyle } from "../cli/table-style.ts";
import type { HistoryEntry } from "../cri/image-store.ts";
import { formatAge } from "../output/format-age.ts";
import { formatSize } from "../output/format-size.ts";
import { shortId } from "../output/short-id.ts";
import { renderTable } from "../output/table.ts";

const HEADING = ["LAYER", "CREATED", "CREATED BY", "SIZE", "COMMENT"];
/** What a narrow terminal goes without. */
const DISPENSABLE = ["COMMENT", "LAYER", "CREATED"];
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
      ...documentFlags(["table"], "table"),
    ],
    object: "image",
    group: "images",
  },
  async run(context, { args, flags }) {
    const renderDocuments = await prepareDocuments(flags, context.cwd);
    const image = String(args.image);
    const store = await getImageStore(context, {
      what: "show the history",
      containerd: `nerdctl -n k8s.io history ${image}`,
      crio: `podman history ${image}`,
      docker: `docker history ${image}`,
    });
    const [name = image] = await getStoreNames(context, [image]);
    const steps = await store.history(name, callOptions(context));
    if (flags.output !== "table") {
      await context.stdout.write(await renderDocuments(steps.map((step) => ({ ...step }))));
    } else if (flags.quiet === true) {
      const ids = steps.map(({ diffId }) => `${diffId ?? NONE}\n`);
      await context.stdout.write(ids.join(""));
    } else {
      await context.stdout.write(await render(context, flags, steps));
    }
    return 0;
  },
};

async function render(
  context: Context,
  flags: CommandInput["flags"],
  steps: readonly HistoryEntry[],
): Promise<string> {
  const isWhole = flags["no-trunc"] === true;
  const nowMs = Date.now();
  const rows = steps.map(({ diffId, created, createdBy, sizeBytes, comment }) => [
    diffId === undefined ? NONE : isWhole ? diffId : shortId(diffId),
    ageOf(created, nowMs),
    isWhole ? createdBy : shorten(createdBy),
    sizeBytes === undefined ? "unknown" : formatSize(sizeBytes),
    comment,
  ]);
  return await renderTable(HEADING, rows, tableStyle(context, flags, DISPENSABLE));
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
