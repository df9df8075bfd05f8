import { callOptions } from "../cli/call-options.ts";
import type { Command, CommandInput } from "../cli/command.ts";
import type { Context } from "../cli/context.ts";
import { filterImages } from "../cli/filter-images.ts";
import { NO_TRUNC_FLAG, outputFlag, VERBOSE_FLAG } from "../cli/flag-sets.ts";
import { renderMessage } from "../cli/render-messages.ts";
import { spellings } from "../cli/resolve-images.ts";
import { tableStyle } from "../cli/table-style.ts";
import type { Image } from "../cri/gen/runtime/v1/api.ts";
import { formatSize } from "../output/format-size.ts";
import { shortId } from "../output/short-id.ts";
import { renderTable } from "../output/table.ts";
import { renderVerbose, type VerboseLine } from "../output/verbose.ts";

const NONE = "<none>";

/** Lists images. */
export const images: Command = {
  spec: {
    name: "images",
    aliases: ["image", "img"],
    summary: "list images",
    examples: [
      { line: "crish images --digests", meaning: "Images with their digests" },
      { line: "crish images -f dangling=true -q", meaning: "IDs of images without a tag" },
    ],
    args: [
      {
        name: "repository",
        meaning: "only this repository, with its tag or without",
        required: false,
        completion: "image",
      },
    ],
    flags: [
      VERBOSE_FLAG,
      { name: "quiet", short: "q", type: "boolean", meaning: "print IDs alone" },
      {
        name: "filter",
        short: "f",
        type: "string",
        repeat: true,
        meaning: "dangling=true|false, reference=REGEX, before=IMAGE, since=IMAGE",
        placeholder: "KEY=VALUE",
      },
      { name: "digests", type: "boolean", meaning: "show digests" },
      { name: "pinned", type: "boolean", meaning: "show which images are never collected" },
      NO_TRUNC_FLAG,
      outputFlag(["table", "json", "yaml"], "table"),
    ],
    object: "image",
    group: "images",
  },
  async run(context, { args, flags }) {
    const backend = await context.backend();
    const { images: all } = await backend.images.listImages(
      { filter: undefined },
      callOptions(context),
    );
    const repository = typeof args.repository === "string" ? args.repository : undefined;
    const named = repository === undefined ? all : all.filter((image) => isOf(image, repository));
    const list = [...(await filterImages(context, named, flags.filter))].sort(byName);
    await context.stdout.write(await render(context, flags, list));
    return 0;
  },
};

/** A repository means all its tags; a name with a tag or digest that one. */
function isOf(image: Image, repository: string): boolean {
  const names = [...image.repoTags, ...image.repoDigests];
  const wanted = spellings(repository);
  const repositories = wanted.map((name) => splitTag(name).repository);
  const isTagged = /[:@]/.test(repository.split("/").at(-1) ?? "");
  return names.some((name) =>
    isTagged ? wanted.includes(name) : repositories.includes(splitName(name)),
  );
}

async function render(
  context: Context,
  flags: CommandInput["flags"],
  list: readonly Image[],
): Promise<string> {
  if (flags.output === "json" || flags.output === "yaml") {
    return await renderMessage("ListImagesResponse", { images: list }, flags.output);
  }
  if (flags.quiet === true) return list.map(({ id }) => `${id}\n`).join("");
  if (flags.verbose === true) return renderVerbose(list.map(verboseLines));
  const heading = [
    "IMAGE",
    "TAG",
    ...(flags.digests === true ? ["DIGEST"] : []),
    "IMAGE ID",
    "SIZE",
    ...(flags.pinned === true ? ["PINNED"] : []),
  ];
  return await renderTable(
    heading,
    list.flatMap((image) => tableRows(image, flags)),
    tableStyle(context, flags),
  );
}

/** A row for each tag; one for an image without. */
function tableRows(image: Image, flags: CommandInput["flags"]): string[][] {
  const cut = (id: string) => (flags["no-trunc"] === true ? id : shortId(id));
  const digest = image.repoDigests[0]?.split("@")[1];
  const names = image.repoTags.map(splitTag);
  const untagged = { repository: image.repoDigests[0]?.split("@")[0] ?? NONE, tag: NONE };
  return (names.length === 0 ? [untagged] : names).map(({ repository, tag }) => [
    repository,
    tag,
    ...(flags.digests === true ? [digest === undefined ? NONE : cut(digest)] : []),
    cut(image.id),
    formatSize(image.size),
    ...(flags.pinned === true ? [String(image.pinned)] : []),
  ]);
}

function splitTag(name: string): { repository: string; tag: string } {
  const at = name.lastIndexOf(":");
  if (at === -1 || name.slice(at).includes("/")) return { repository: name, tag: NONE };
  return { repository: name.slice(0, at), tag: name.slice(at + 1) };
}

function splitName(name: string): string {
  return name.includes("@") ? (name.split("@")[0] ?? name) : splitTag(name).repository;
}

function verboseLines(image: Image): VerboseLine[] {
  return [
    ["ID", image.id],
    ...image.repoTags.map((tag) => ["RepoTags", tag] as const),
    ...image.repoDigests.map((digest) => ["RepoDigests", digest] as const),
    ...(image.size === 0n ? [] : [["Size", String(image.size)] as const]),
    ...(image.uid === undefined ? [] : [["Uid", String(image.uid.value)] as const]),
    ...(image.username === "" ? [] : [["Username", image.username] as const]),
    ["Pinned", String(image.pinned)],
  ];
}

function byName(left: Image, right: Image): number {
  const [a, b] = [left, right].map(
    (image) => image.repoTags[0] ?? image.repoDigests[0] ?? image.id,
  );
  return (a ?? "") < (b ?? "") ? -1 : 1;
}
