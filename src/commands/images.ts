import { callOptions } from "../cli/call-options.ts";
import type { Command, CommandInput } from "../cli/command.ts";
import type { Context } from "../cli/context.ts";
import { filterImages } from "../cli/filter-images.ts";
import { NO_TRUNC_FLAG, VERBOSE_FLAG } from "../cli/flag-sets.ts";
import { listOf } from "../cli/inspect-each.ts";
import type { List, ListColumn } from "../cli/list-output/list.ts";
import { isWatched, listFlags } from "../cli/list-output/list-flags.ts";
import { printList } from "../cli/list-output/print-list.ts";
import { spellings } from "../cli/resolve-images.ts";
import type { Image } from "../cri/gen/runtime/v1/api.ts";
import type { ImageDiskUsage } from "../cri/image-store.ts";
import { formatSize } from "../output/format-size.ts";
import { shortId } from "../output/short-id.ts";
import type { VerboseLine } from "../output/verbose.ts";

const NONE = "<none>";
/** As --columns has them. */
const COLUMNS = [
  "image",
  "tag",
  "image-id",
  "size",
  "unique",
  "shared",
  "content",
  "digest",
  "pinned",
  "user",
  "bytes",
];
/** Those that --disk-usage shows, which the runtime's own store is asked for. */
const USAGE_COLUMNS = /\b(unique|shared|content)\b/i;

/** Lists images. */
export const images: Command = {
  spec: {
    name: "images",
    aliases: ["image", "img"],
    summary: "list images",
    examples: [
      { line: "crish images --digests", meaning: "Images with their digests" },
      { line: "crish images -f dangling=true -q", meaning: "IDs of images without a tag" },
      { line: "crish images --sort-by -size", meaning: "The largest first" },
      {
        line: "crish images --disk-usage",
        meaning: "What each takes on disk, alone and with others",
      },
    ],
    args: [
      {
        name: "repository",
        meaning: "only this repository, with its tag or without",
        required: false,
        variadic: true,
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
      {
        name: "disk-usage",
        type: "boolean",
        meaning:
          "show what unpacked layers take, UNIQUE to the image or SHARED, and CONTENT as pulled",
      },
      NO_TRUNC_FLAG,
      ...listFlags(COLUMNS),
    ],
    object: "image",
    group: "images",
  },
  async run(context, { args, flags }) {
    const repositories = listOf(args.repository);
    return await printList(context, flags, async () => {
      const items = await selectImages(context, flags, repositories);
      return imageList(items, flags, await findUsage(context, flags));
    });
  },
  endsAtInterrupt: isWatched,
};

async function selectImages(
  context: Context,
  flags: CommandInput["flags"],
  repositories: readonly string[],
): Promise<readonly Image[]> {
  const backend = await context.backend();
  const { images: all } = await backend.images.listImages(
    { filter: undefined },
    callOptions(context),
  );
  const isNamed = (image: Image) => repositories.some((repository) => isOf(image, repository));
  const named = repositories.length === 0 ? all : all.filter(isNamed);
  return [...(await filterImages(context, named, flags.filter))].sort(byName);
}

/** What images take on disk, by ID; undefined where that is not asked for, which costs nothing then. */
async function findUsage(
  context: Context,
  flags: CommandInput["flags"],
): Promise<ReadonlyMap<string, ImageDiskUsage> | undefined> {
  const asked = [flags.columns, flags["sort-by"]].map(String).join(" ");
  if (flags["disk-usage"] !== true && !USAGE_COLUMNS.test(asked)) return undefined;
  const { getImageStore } = await import("../cli/get-image-store.ts");
  const store = await getImageStore(context, {
    what: "tell the disk usage of each image",
    containerd: "ctr -n k8s.io images ls",
    crio: "podman system df -v",
    docker: "docker system df -v",
  });
  const usage = await store.diskUsage(callOptions(context));
  return new Map(usage.map((each) => [each.imageId, each]));
}

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

/** A name of an image: each has a row of its own. */
interface ImageRow {
  readonly image: Image;
  readonly repository: string;
  readonly tag: string;
}

function imageList(
  items: readonly Image[],
  flags: CommandInput["flags"],
  usage: ReadonlyMap<string, ImageDiskUsage> | undefined,
): List<Image, ImageRow> {
  const cut = (id: string) => (flags["no-trunc"] === true ? id : shortId(id));
  const digest: ListColumn<ImageRow> = {
    title: "DIGEST",
    cell: ({ image }) => {
      const text = image.repoDigests[0]?.split("@")[1];
      return text === undefined ? NONE : cut(text);
    },
  };
  const pinned: ListColumn<ImageRow> = {
    title: "PINNED",
    cell: ({ image }) => String(image.pinned),
  };
  return {
    items,
    message: "Image",
    answer: "ListImagesResponse",
    field: "images",
    id: ({ id }) => id,
    reference: (image) => image.repoTags[0] ?? image.repoDigests[0] ?? image.id,
    verbose: verboseLines,
    rows: rowsOf,
    dispensable: ["USER", "BYTES", "PINNED", "DIGEST"],
    columns: [
      { title: "IMAGE", cell: ({ repository }) => repository },
      { title: "TAG", cell: ({ tag }) => tag },
      ...(flags.digests === true ? [digest] : []),
      { title: "IMAGE ID", cell: ({ image }) => cut(image.id), sortKey: ({ image }) => image.id },
      {
        title: "SIZE",
        cell: ({ image }) => formatSize(image.size),
        sortKey: ({ image }) => image.size,
      },
      ...usageColumns(usage, flags["disk-usage"] === true),
      ...(flags.pinned === true ? [pinned] : []),
      ...(flags.digests === true ? [] : [{ ...digest, shown: "wide" } as const]),
      ...(flags.pinned === true ? [] : [{ ...pinned, shown: "wide" } as const]),
      { title: "USER", cell: ({ image }) => userOf(image), shown: "wide" },
      { title: "BYTES", cell: ({ image }) => String(image.size), shown: "asked" },
    ],
  };
}

function usageColumns(
  usage: ReadonlyMap<string, ImageDiskUsage> | undefined,
  isShown: boolean,
): ListColumn<ImageRow>[] {
  const column = (title: string, bytes: (of: ImageDiskUsage) => number): ListColumn<ImageRow> => ({
    title,
    cell: ({ image }) => {
      const own = usage?.get(image.id);
      return own === undefined ? NONE : formatSize(bytes(own));
    },
    sortKey: ({ image }) => {
      const own = usage?.get(image.id);
      return own === undefined ? 0 : bytes(own);
    },
    ...(isShown ? {} : { shown: "asked" }),
  });
  return [
    column("UNIQUE", ({ uniqueBytes }) => uniqueBytes),
    column("SHARED", ({ sharedBytes }) => sharedBytes),
    column("CONTENT", ({ contentBytes }) => contentBytes),
  ];
}

/** A row for each tag; one for an image without. */
function rowsOf(image: Image): ImageRow[] {
  const names = image.repoTags.map(splitTag);
  const untagged = { repository: image.repoDigests[0]?.split("@")[0] ?? NONE, tag: NONE };
  return (names.length === 0 ? [untagged] : names).map((name) => ({ image, ...name }));
}

function userOf({ uid, username }: Image): string {
  return username || (uid === undefined ? "" : String(uid.value));
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
