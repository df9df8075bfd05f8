import { callOptions } from "../cli/call-options.ts";
import type { Command } from "../cli/command.ts";
import type { Context } from "../cli/context.ts";
import { filterImages } from "../cli/filter-images.ts";
import { documentFlags, QUIET_INFO_FLAG } from "../cli/flag-sets.ts";
import { imageSpec } from "../cli/image-spec.ts";
import { type Inspection, inspectEach, listOf } from "../cli/inspect-each.ts";
import { findImage, resolveImages } from "../cli/resolve-images.ts";
import type { Resolved } from "../cli/resolve-objects.ts";
import { statusDocument } from "../cli/status-document.ts";
import type { Image } from "../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../errors/status-error.ts";
import { formatSize } from "../output/format-size.ts";
import type { VerboseLine } from "../output/verbose.ts";

/** Prints all that is known of images. */
export const inspecti: Command = {
  spec: {
    name: "inspecti",
    summary: "show all that is known of images",
    description: "Without an image: of all, or of those that the filters leave.",
    examples: [{ line: "crish inspecti busybox", meaning: "One image, by a short name" }],
    args: [
      {
        name: "image",
        meaning: "name, digest, ID or unique prefix of the ID",
        required: false,
        variadic: true,
        completion: "image",
      },
    ],
    flags: [
      ...documentFlags(["table"]),
      QUIET_INFO_FLAG,
      {
        name: "name",
        type: "string",
        meaning: "only this image",
        placeholder: "IMAGE",
        completion: "image",
      },
      {
        name: "filter",
        short: "f",
        type: "string",
        repeat: true,
        meaning: "dangling=true|false, reference=REGEX, before=IMAGE, since=IMAGE",
        placeholder: "KEY=VALUE",
      },
    ],
    object: "image",
    group: "images",
  },
  async run(context, { args, flags }) {
    const references = listOf(args.image);
    const items =
      references.length > 0
        ? await resolveImages(context, references)
        : await matchingImages(context, flags);
    return await inspectEach(context, flags, items, (image) =>
      inspectOne(context, image, flags.quiet !== true),
    );
  },
};

async function matchingImages(
  context: Context,
  flags: Parameters<Command["run"]>[1]["flags"],
): Promise<readonly Resolved<Image>[]> {
  const { images } = await context.backend();
  const all = (await images.listImages({ filter: undefined }, callOptions(context))).images;
  const { name } = flags;
  const named = typeof name === "string" && name !== "" ? findImage(name, all) : undefined;
  const list = name ? all.filter((image) => image === named) : all;
  return (await filterImages(context, list, flags.filter)).map((object) => ({
    reference: object.id,
    object,
  }));
}

async function inspectOne(context: Context, { id }: Image, verbose: boolean): Promise<Inspection> {
  const { images } = await context.backend();
  const request = { image: imageSpec(id), verbose };
  const { image, info } = await images.imageStatus(request, callOptions(context));
  if (image === undefined) throw new StatusError("NotFound", `image "${id}" not found`);
  return { document: await statusDocument("Image", image, info), lines: verboseLines(image, info) };
}

function verboseLines(image: Image, info: Readonly<Record<string, string>>): VerboseLine[] {
  return [
    ["ID", image.id],
    ...image.repoTags.map((tag) => ["Tag", tag] as const),
    ...image.repoDigests.map((digest) => ["Digest", digest] as const),
    ["Size", formatSize(image.size)],
    ["Info", info],
  ];
}
