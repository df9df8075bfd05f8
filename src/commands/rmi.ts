import { callOptions } from "../cli/call-options.ts";
import type { Command, CommandInput } from "../cli/command.ts";
import type { Context } from "../cli/context.ts";
import { destroyEach } from "../cli/destroy-each.ts";
import { imageSpec } from "../cli/image-spec.ts";
import { listOf, refuseNamesWithAll } from "../cli/inspect-each.ts";
import { unusedImages } from "../cli/prune/unused-images.ts";
import { resolveImages, spelledName } from "../cli/resolve-images.ts";
import type { Resolved } from "../cli/resolve-objects.ts";
import type { Image } from "../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../errors/status-error.ts";

/** Removes images. */
export const rmi: Command = {
  spec: {
    name: "rmi",
    summary: "remove images",
    description: [
      "A tag removes that tag alone in the embedded runtime and in containerd, and the image with its",
      "last name. Over CRI alone it removes the whole image: the other tags are named, and on a terminal",
      "you are asked.",
    ].join("\n"),
    examples: [
      { line: "crish rmi busybox:1.36", meaning: "One tag" },
      { line: "crish rmi --prune", meaning: "Images that no container uses" },
    ],
    args: [
      {
        name: "image",
        meaning: "name, digest, ID or unique prefix of the ID",
        required: true,
        unless: ["all", "prune"],
        variadic: true,
        completion: "image",
      },
    ],
    flags: [
      { name: "all", short: "a", type: "boolean", meaning: "every image, pinned ones too" },
      {
        name: "prune",
        short: "q",
        type: "boolean",
        meaning: "images that no container uses and that are not pinned",
      },
    ],
    object: "image",
    destroys: "remove",
    group: "images",
  },
  async run(context, { args, flags }) {
    const references = listOf(args.image);
    const isMany = flags.all === true || flags.prune === true;
    if (isMany) refuseNamesWithAll(references, flags.all === true ? "--all" : "--prune");
    const items = isMany
      ? await doomedImages(context, flags.all === true)
      : await namedImages(context, references);
    if (items.length === 0) {
      await context.stderr.write("no images to remove\n");
      return 0;
    }
    if (!isMany && flags["dry-run"] !== true) await mindOtherTags(context, items, flags);
    return await destroyEach(context, {
      spec: rmi.spec,
      flags,
      items,
      describe: async (going) =>
        going.map((each) => ({ id: each.image.id, name: namesThatGo(each).join(",") })),
      action: (going) => removeOne(context, going),
    });
  },
};

/** One name of an image, or all of it: two tags are two things to remove where tags can be. */
interface Going {
  readonly id: string;
  readonly image: Image;
  /** The only name that goes; undefined where the image goes with all of them. */
  readonly tag: string | undefined;
}

async function namedImages(
  context: Context,
  references: readonly string[],
): Promise<readonly Resolved<Going>[]> {
  const imageStore = await (await context.backend()).imageStore();
  return (await resolveImages(context, references)).map((item) => {
    if ("error" in item) return item;
    const { reference, object: image } = item;
    const name = spelledName(image, reference);
    const tag = imageStore === undefined ? undefined : name;
    return { reference, object: { id: name ?? image.id, image, tag } };
  });
}

async function doomedImages(context: Context, all: boolean): Promise<readonly Resolved<Going>[]> {
  const images = all ? await allImages(context) : await unusedImages(context);
  return images.map((image) => ({
    reference: image.id,
    object: { id: image.id, image, tag: undefined },
  }));
}

async function allImages(context: Context): Promise<readonly Image[]> {
  const { images } = await context.backend();
  return (await images.listImages({ filter: undefined }, callOptions(context))).images;
}

/** Where a tag takes other tags along, says so, and asks where there is a terminal. */
async function mindOtherTags(
  context: Context,
  items: readonly Resolved<Going>[],
  flags: CommandInput["flags"],
): Promise<void> {
  const found = items.flatMap((item) => ("object" in item ? [item] : []));
  for (const { reference, object } of found) {
    const others = namesThatGo(object).filter((name) => name !== object.id);
    if (object.id === object.image.id || others.length === 0) continue;
    await context.stderr.write(
      `${reference} is also tagged ${others.join(", ")}: CRI removes all of them\n`,
    );
    // Several are asked about together, where all their names are listed.
    const mayAsk = context.stdin.isTty && context.stderr.isTty && flags.yes !== true;
    if (!mayAsk || found.length > 1) continue;
    if (await context.confirm(`Remove the image with all ${others.length + 1} tags?`)) continue;
    throw new StatusError("Aborted", `image "${reference}" was kept`);
  }
}

function namesThatGo({ image, tag }: Going): readonly string[] {
  if (tag !== undefined) return [tag];
  return image.repoTags.length > 0 ? image.repoTags : image.repoDigests;
}

async function removeOne(context: Context, going: Going): Promise<string> {
  const imageStore = await (await context.backend()).imageStore();
  if (imageStore === undefined || going.tag === undefined) {
    return await removeWhole(context, going.image);
  }
  await imageStore.untag(going.tag, callOptions(context));
  return `Deleted: ${going.tag}\n`;
}

async function removeWhole(
  context: Context,
  { id, repoTags, repoDigests }: Image,
): Promise<string> {
  const { images } = await context.backend();
  await images.removeImage({ image: imageSpec(id) }, callOptions(context));
  const names = repoTags.length > 0 ? repoTags : repoDigests;
  return (names.length > 0 ? names : [id]).map((name) => `Deleted: ${name}\n`).join("");
}
