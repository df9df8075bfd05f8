import type { Readable } from "node:stream";
import type { ImageProgress, LoadedImage } from "../../cri/image-store.ts";
import { StatusError } from "../../errors/status-error.ts";
import { randomId } from "../../host/random-id.ts";
import { toChainIds } from "../../images/digest.ts";
import {
  formatDigestName,
  formatTagName,
  parseImageReference,
} from "../../images/image-reference.ts";
import { readArchive } from "../../images/read-archive.ts";
import { type ArchivedImage, resolveArchive } from "../../images/resolve-archive.ts";
import { trackProgress } from "../../images/track-progress.ts";
import { withDeadline } from "../../images/with-deadline.ts";
import { openUnnamedIngest } from "../content/ingest-unnamed.ts";
import { readBlob } from "../content/read-blob.ts";
import { writeBlob } from "../content/write-blob.ts";
import type { Engine } from "../engine.ts";
import { collectGarbage, endFailed } from "./collect-garbage.ts";
import { type NewImage, saveImage } from "./image-store.ts";
import { storeManifest } from "./store-manifest.ts";
import { unpackLayers } from "./unpack-layers.ts";

export interface LoadOptions {
  /** Name for an archive that has none. */
  readonly reference?: string | undefined;
  readonly onProgress?: ((progress: ImageProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
}

/**
 * Loads an OCI layout or a docker-save archive: a tar, plain or compressed with gzip or zstd, read
 * once from front to end. Every blob is verified; an archive that is neither kind, lacks a part or is
 * damaged rejects with InvalidArgument or DataLoss and leaves nothing.
 */
export async function loadArchive(
  engine: Engine,
  archive: Readable,
  options: LoadOptions = {},
): Promise<LoadedImage[]> {
  const fallback =
    options.reference === undefined ? undefined : parseImageReference(options.reference);
  if (fallback?.digest !== undefined) {
    throw new StatusError("InvalidArgument", "an archive cannot be named by a digest");
  }
  const fallbackTag = fallback === undefined ? undefined : formatTagName(fallback);
  return await withDeadline(options, "loading the archive", async (signal) => {
    const intent = { kind: "image-load", subject: randomId() };
    await engine.intents.begin(intent);
    try {
      const openBlob = () => openUnnamedIngest(engine, intent.subject);
      const parts = await readArchive(archive, { openBlob, signal });
      const images = await resolveArchive(parts, (digest) => readBlob(engine, digest));
      const stored: StoredImage[] = [];
      for (const image of images) {
        await unpackImage(engine, image, { ...options, signal });
        const isNamed = image.tags.length > 0 || fallbackTag === undefined;
        const tags = isNamed ? image.tags : [fallbackTag];
        stored.push({ image, tags, documents: await storeDocuments(engine, image, signal) });
      }
      await engine.intents.end(intent, (db) => {
        for (const each of stored) saveImage(db, toNewImage(each, engine.now()));
      });
      return stored.map(({ image, tags }) => ({ imageId: image.id, references: [...tags] }));
    } catch (error) {
      await endFailed(engine, intent);
      throw error;
    } finally {
      await collectGarbage(engine);
    }
  });
}

interface StoredImage {
  readonly image: ArchivedImage;
  readonly tags: readonly string[];
  readonly documents: readonly string[];
}

/** Digests of the config, and of the manifests it came with or of one that stands in for them. */
async function storeDocuments(
  engine: Engine,
  image: ArchivedImage,
  signal: AbortSignal,
): Promise<string[]> {
  const config = await writeBlob(engine, image.configBytes, { signal });
  if (image.top !== undefined) return [config, ...image.documents];
  return [config, await storeManifest(engine, image, signal)];
}

function toNewImage({ image, tags, documents }: StoredImage, createdAtNs: bigint): NewImage {
  const { id, config, configBytes, layers } = image;
  return {
    id,
    sizeBytes: layers.reduce((sum, { sizeBytes }) => sum + sizeBytes, configBytes.length),
    chainId: toChainIds(config.rootfs.diff_ids).at(-1) ?? "",
    config,
    createdAtNs,
    tags,
    digests: digestNames(tags, image.top?.digest),
    blobs: [...documents, ...layers.map(({ digest }) => digest)],
  };
}

/** An archive of docker-save has no manifest, so its images get no name by digest. */
function digestNames(tags: readonly string[], digest: string | undefined): string[] {
  if (digest === undefined) return [];
  return tags.map((tag) => formatDigestName(parseImageReference(tag), digest));
}

async function unpackImage(
  engine: Engine,
  image: ArchivedImage,
  options: LoadOptions & { signal: AbortSignal },
): Promise<void> {
  const progress = trackProgress(image.layers, options.onProgress);
  const layers = image.layers.map((layer, index) => ({
    ...layer,
    diffId: image.config.rootfs.diff_ids[index] ?? "",
    fetch: () => {
      throw new StatusError("InvalidArgument", `the archive lacks the layer "${layer.digest}"`);
    },
  }));
  await unpackLayers(engine, layers, { signal: options.signal, progress });
}
