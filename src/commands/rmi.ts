import { callOptions } from "../cli/call-options.ts";
import type { Command } from "../cli/command.ts";
import type { Context } from "../cli/context.ts";
import { imageSpec } from "../cli/image-spec.ts";
import { listOf, refuseNamesWithAll } from "../cli/inspect-each.ts";
import { resolveImages, spellings } from "../cli/resolve-images.ts";
import type { Resolved } from "../cli/resolve-objects.ts";
import { runForEach } from "../cli/run-for-each.ts";
import type { Image } from "../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../errors/status-error.ts";

/** Removes images. */
export const rmi: Command = {
  spec: {
    name: "rmi",
    summary: "remove images",
    description: [
      "A tag removes that tag alone in the embedded runtime, and the image with its last name.",
      "Over CRI it removes the whole image: the other tags are named, and on a terminal you are asked.",
    ].join("\n"),
    examples: [
      { line: "crish rmi busybox:1.36", meaning: "One tag" },
      { line: "crish rmi --prune", meaning: "Images that no container uses" },
    ],
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
      { name: "all", short: "a", type: "boolean", meaning: "every image, pinned ones too" },
      {
        name: "prune",
        short: "q",
        type: "boolean",
        meaning: "images that no container uses and that are not pinned",
      },
    ],
    object: "image",
    group: "images",
  },
  async run(context, { args, flags }) {
    const references = listOf(args.image);
    if (flags.all === true || flags.prune === true) {
      refuseNamesWithAll(references, flags.all === true ? "--all" : "--prune");
      return await removeMany(context, flags.all === true);
    }
    if (references.length === 0) {
      throw new StatusError("InvalidArgument", "rmi needs IMAGE, --all or --prune");
    }
    const resolved = await resolveImages(context, references);
    const agreed: Resolved<Named>[] = [];
    // Questions are asked one after the other, before anything is removed.
    for (const item of resolved) agreed.push(await askFirst(context, item));
    return await runForEach(context, agreed, ({ image }, reference) =>
      removeOne(context, image, reference),
    );
  },
};

/** One name of an image: two tags of an image are two things to remove where tags can be. */
interface Named {
  readonly id: string;
  readonly image: Image;
}

async function removeMany(context: Context, all: boolean): Promise<number> {
  const backend = await context.backend();
  const call = callOptions(context);
  const [{ images }, { containers }] = await Promise.all([
    backend.images.listImages({ filter: undefined }, call),
    all ? { containers: [] } : backend.runtime.listContainers({ filter: undefined }, call),
  ]);
  const used = new Set(
    containers.flatMap(({ image, imageId, imageRef }) => [imageId, imageRef, image?.image ?? ""]),
  );
  const isUsed = (image: Image) =>
    [image.id, ...image.repoTags, ...image.repoDigests].some((name) => used.has(name));
  const doomed = all ? images : images.filter((image) => !image.pinned && !isUsed(image));
  if (doomed.length === 0) {
    await context.stderr.write("no images to remove\n");
    return 0;
  }
  const items = doomed.map((object) => ({ reference: object.id, object }));
  return await runForEach(context, items, (image) => removeWhole(context, image));
}

/** Where a tag would take other tags along, says so, and asks where there is a terminal. */
async function askFirst(context: Context, item: Resolved<Image>): Promise<Resolved<Named>> {
  if ("error" in item) return item;
  const { reference, object: image } = item;
  const backend = await context.backend();
  const name = nameOf(image, reference);
  const object = { id: name ?? image.id, image };
  const others = image.repoTags.filter((tag) => tag !== name);
  if (name === undefined || others.length === 0) return { reference, object };
  if (backend.imageStore !== undefined) return { reference, object };
  await context.stderr.write(
    `${reference} is also tagged ${others.join(", ")}: CRI removes all of them\n`,
  );
  if (!context.stdin.isTty || !context.stderr.isTty) return { reference, object };
  if (await context.confirm(`Remove the image with all ${image.repoTags.length} tags?`)) {
    return { reference, object };
  }
  return { reference, error: new StatusError("Aborted", `image "${reference}" was kept`) };
}

async function removeOne(context: Context, image: Image, reference: string): Promise<string> {
  const { imageStore } = await context.backend();
  const name = nameOf(image, reference);
  if (imageStore === undefined || name === undefined) return await removeWhole(context, image);
  await imageStore.untag(name, callOptions(context));
  return `Deleted: ${name}\n`;
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

/** The image's own name that the reference spells; undefined where the reference is an ID. */
function nameOf(image: Image, reference: string): string | undefined {
  const wanted = spellings(reference);
  return [...image.repoTags, ...image.repoDigests].find((name) => wanted.includes(name));
}
