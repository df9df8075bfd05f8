import type { Image } from "../cri/gen/runtime/v1/api.ts";
import { nearestName } from "../errors/nearest-name.ts";
import { StatusError } from "../errors/status-error.ts";
import { callOptions } from "./call-options.ts";
import type { Context } from "./context.ts";
import { imageSpec } from "./image-spec.ts";
import type { Resolved } from "./resolve-objects.ts";

/**
 * The images meant, by full ID, tag, digest, short name or unique prefix of the ID; what the list
 * does not tell is asked of the runtime. Never rejects for a reference.
 */
export async function resolveImages(
  context: Context,
  references: readonly string[],
): Promise<readonly Resolved<Image>[]> {
  const { images } = await context.backend();
  const list = (await images.listImages({ filter: undefined }, callOptions(context))).images;
  return await Promise.all(references.map((reference) => resolveOne(context, reference, list)));
}

/** The image of that name or ID among those given; undefined for none and for several by prefix. */
export function findImage(reference: string, list: readonly Image[]): Image | undefined {
  return findExactly(reference, list) ?? only(findByPrefix(reference, list));
}

/** The image's own name that the reference spells; undefined where the reference is an ID. */
export function spelledName(image: Image, reference: string): string | undefined {
  const wanted = spellings(reference);
  return [...image.repoTags, ...image.repoDigests].find((name) => wanted.includes(name));
}

/** Every spelling under which a runtime may keep a name: `web` is docker.io/library/web:latest. */
export function spellings(reference: string): readonly string[] {
  const repository = reference.split("/").at(-1) ?? "";
  const tagged = /[:@]/.test(repository) ? reference : `${reference}:latest`;
  const first = reference.split("/")[0] ?? "";
  const hasRegistry = reference.includes("/") && (/[.:]/.test(first) || first === "localhost");
  if (hasRegistry) return [reference, tagged];
  const prefix = reference.includes("/") ? "docker.io/" : "docker.io/library/";
  return [reference, tagged, `${prefix}${tagged}`];
}

async function resolveOne(
  context: Context,
  reference: string,
  list: readonly Image[],
): Promise<Resolved<Image>> {
  const exact = findExactly(reference, list);
  if (exact !== undefined) return { reference, object: exact };
  const byPrefix = findByPrefix(reference, list);
  const single = only(byPrefix);
  if (single !== undefined) return { reference, object: single };
  if (byPrefix.length > 1) return { reference, error: ambiguous(reference, byPrefix) };
  const asked = await askRuntime(context, reference);
  return asked === undefined
    ? { reference, error: notFound(reference, list) }
    : { reference, object: asked };
}

function findExactly(reference: string, list: readonly Image[]): Image | undefined {
  const names = spellings(reference);
  return list.find(
    (image) =>
      image.id === reference ||
      image.id === `sha256:${reference}` ||
      names.some((name) => image.repoTags.includes(name) || image.repoDigests.includes(name)),
  );
}

function findByPrefix(reference: string, list: readonly Image[]): readonly Image[] {
  const digits = reference.replace(/^sha256:/, "");
  if (!/^[0-9a-f]+$/.test(digits)) return [];
  return list.filter((image) => image.id.replace(/^sha256:/, "").startsWith(digits));
}

async function askRuntime(context: Context, reference: string): Promise<Image | undefined> {
  const { images } = await context.backend();
  try {
    return (
      await images.imageStatus(
        { image: imageSpec(reference), verbose: false },
        callOptions(context),
      )
    ).image;
  } catch (error) {
    const isAboutName = error instanceof StatusError && ABOUT_THE_NAME.includes(error.code);
    if (isAboutName) return undefined;
    throw error;
  }
}

/** containerd answers Unknown for a name that it cannot parse. */
const ABOUT_THE_NAME: readonly string[] = ["NotFound", "InvalidArgument", "Unknown"];

function ambiguous(reference: string, found: readonly Image[]): StatusError {
  const list = found
    .slice(0, 5)
    .map((image) => `${image.id.slice(0, 20)} (${image.repoTags[0] ?? "<none>"})`);
  return new StatusError(
    "InvalidArgument",
    `"${reference}" matches ${found.length} images: ${list.join(", ")}`,
    { hint: "give more of the ID" },
  );
}

function notFound(reference: string, list: readonly Image[]): StatusError {
  const names = list.flatMap((image) => image.repoTags.flatMap((tag) => [tag, shortName(tag)]));
  const near = nearestName(reference, names);
  return new StatusError("NotFound", `image "${reference}" not found`, {
    hint: near === undefined ? "crish images lists them" : `did you mean ${near}?`,
  });
}

function shortName(tag: string): string {
  return tag.replace(/^docker\.io\/(library\/)?/, "").replace(/:latest$/, "");
}

function only(found: readonly Image[]): Image | undefined {
  return found.length === 1 ? found[0] : undefined;
}
