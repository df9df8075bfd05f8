import type { Writable } from "node:stream";
import type { ImageProgress } from "../cri/image-store.ts";
import { StatusError } from "../errors/status-error.ts";
import { formatTagName, parseImageReference } from "../images/image-reference.ts";
import { readImageTree } from "../images/image-tree.ts";
import { hostPlatform } from "../images/select-platform.ts";
import { type ArchivedTree, writeArchive } from "../images/write-archive.ts";
import type { ContainerdClient } from "./containerd-client.ts";
import { nativeContent } from "./content.ts";
import { getImageRecord, isIdName } from "./find-image.ts";
import { holdContent } from "./hold-content.ts";

export interface SaveOptions {
  readonly references: readonly string[];
  readonly archive: Writable;
  readonly onProgress?: ((progress: ImageProgress) => void) | undefined;
  readonly signal: AbortSignal;
}

/**
 * Writes images into one archive, with the blobs as they came. Rejects with NotFound before the first
 * byte for an image that is not here or not whole, with DigestMismatchError for a damaged blob.
 */
export async function saveImages(client: ContainerdClient, options: SaveOptions): Promise<void> {
  const { references, archive, onProgress, signal } = options;
  if (references.length === 0) throw new StatusError("InvalidArgument", "no image to save");
  const namesByTop = await resolveAll(client, references);
  await holdContent(client, [...namesByTop.keys()], async (leased) => {
    const content = nativeContent(leased);
    const host = hostPlatform(process.arch);
    const images: ArchivedTree[] = [];
    for (const [digest, names] of namesByTop) {
      images.push({ tree: await readImageTree(content, { digest }, host), names: [...names] });
    }
    await writeArchive(archive, { images, content, host, onProgress, signal });
  });
}

/** Names by what they mean: an image that is named twice is one with two names. */
async function resolveAll(
  client: ContainerdClient,
  references: readonly string[],
): Promise<ReadonlyMap<string, Set<string>>> {
  const namesByTop = new Map<string, Set<string>>();
  for (const reference of references) {
    const { name, target } = await getImageRecord(client, reference);
    const names = namesByTop.get(target.digest) ?? new Set();
    const tag = isIdName(name) ? undefined : formatTagName(parseImageReference(name));
    if (tag !== undefined) names.add(tag);
    namesByTop.set(target.digest, names);
  }
  return namesByTop;
}
