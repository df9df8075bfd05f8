import type { Writable } from "node:stream";
import type { ImageProgress } from "../../cri/image-store.ts";
import { StatusError } from "../../errors/status-error.ts";
import { hostPlatform } from "../../images/select-platform.ts";
import { withDeadline } from "../../images/with-deadline.ts";
import { type ArchivedTree, writeArchive } from "../../images/write-archive.ts";
import type { Engine } from "../engine.ts";
import { getNamedImage, type NamedImage } from "./find-image.ts";
import { holdContent } from "./hold-content.ts";
import { findStoredTree, storedContent } from "./stored-tree.ts";

export interface SaveOptions {
  readonly references: readonly string[];
  readonly archive: Writable;
  readonly onProgress?: ((progress: ImageProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
}

/**
 * Writes images into one archive, with the blobs as they came. Rejects with NotFound before the first
 * byte for an image that is not here or not whole, with DigestMismatchError for a damaged blob.
 */
export async function saveImages(engine: Engine, options: SaveOptions): Promise<void> {
  const { references, archive, onProgress } = options;
  if (references.length === 0) throw new StatusError("InvalidArgument", "no image to save");
  await withDeadline(options, "saving images", (signal) =>
    holdContent(engine, { kind: "image-save", image: references.join(" ") }, async () => {
      const images: ArchivedTree[] = [];
      for (const { image, repository, names } of byImage(engine, references)) {
        images.push({ tree: await findStoredTree(engine, image, { repository }), names });
      }
      const content = storedContent(engine);
      const host = hostPlatform(process.arch);
      await writeArchive(archive, { images, content, host, onProgress, signal });
    }),
  );
}

/** An image that is named twice is one with two names. */
function byImage(engine: Engine, references: readonly string[]) {
  const found = new Map<string, NamedImage & { names: string[] }>();
  for (const reference of references) {
    const named = getNamedImage(engine, reference);
    const { image, tag } = named;
    const item = found.get(image.id) ?? { ...named, names: [] };
    if (tag !== undefined && !item.names.includes(tag)) item.names.push(tag);
    found.set(image.id, item);
  }
  return [...found.values()];
}
