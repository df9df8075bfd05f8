import { createHash } from "node:crypto";
import { pipeline } from "node:stream/promises";
import { DigestMismatchError } from "../../errors/digest-mismatch-error.ts";
import { buildManifest } from "../../images/build-manifest.ts";
import { digestOf } from "../../images/digest.ts";
import type { ImageTree } from "../../images/image-tree.ts";
import { readImageTree } from "../../images/image-tree.ts";
import { LAYER_TYPES, PLAIN_LAYER_TYPES } from "../../images/media-types.ts";
import type { Descriptor } from "../../images/parse-manifest.ts";
import { hostPlatform } from "../../images/select-platform.ts";
import { openUnnamedIngest } from "../content/ingest-unnamed.ts";
import { streamBlob } from "../content/read-blob.ts";
import { writeBlob } from "../content/write-blob.ts";
import type { Engine } from "../engine.ts";
import type { ImageRecord } from "./image-record.ts";
import { addImageBlobs, dropImageBlobs } from "./image-store.ts";
import { hasPlainLayers, storedContent } from "./stored-tree.ts";

/** zlib's own default: its last fifth of effort costs more time than any network saves. */
const GZIP_LEVEL = 6;
const CHUNK_BYTES = 256 * 1024;

/**
 * The image with every layer compressed: where it was loaded from an archive of plain layers, they are
 * compressed into blobs of their own under a manifest of their own, which take the place of the plain
 * ones, so that the next push finds them. An image without plain layers, and an index, are handed back as they are.
 */
export async function compressLayers(
  engine: Engine,
  options: { image: ImageRecord; tree: ImageTree; owner: string; signal: AbortSignal },
): Promise<ImageTree> {
  const { image, tree, signal } = options;
  const [manifest] = tree.images;
  const isOneManifest = tree.documents.length === 1 && manifest !== undefined;
  if (!isOneManifest || !hasPlainLayers(tree)) return tree;
  const layers: Descriptor[] = [];
  for (const layer of manifest.layers) {
    const isPlain = PLAIN_LAYER_TYPES.includes(layer.mediaType);
    layers.push(isPlain ? await compressLayer(engine, layer, options) : layer);
  }
  const bytes = buildManifest({ config: manifest.config, layers });
  const digest = digestOf(bytes);
  await writeBlob(engine, bytes, { signal });
  const added = [digest, ...layers.map((layer) => layer.digest)];
  const replaced = [tree.top.digest, ...manifest.layers.map((layer) => layer.digest)];
  await engine.database.write((db) => {
    dropImageBlobs(db, image.id, replaced);
    addImageBlobs(db, image.id, added);
  });
  return await readImageTree(storedContent(engine), { digest }, hostPlatform(process.arch));
}

async function compressLayer(
  engine: Engine,
  layer: Descriptor,
  { owner, signal }: { owner: string; signal: AbortSignal },
): Promise<Descriptor> {
  const { createGzip } = await import("node:zlib");
  const ingest = await openUnnamedIngest(engine, owner);
  try {
    const gzip = createGzip({ level: GZIP_LEVEL, chunkSize: CHUNK_BYTES });
    await pipeline(
      verified(streamBlob(engine, layer.digest), layer.digest),
      gzip,
      async (pieces: AsyncIterable<Buffer>) => {
        for await (const piece of pieces) await ingest.write(piece);
      },
      { signal },
    );
    const part = ingest.describe();
    await ingest.commit(signal);
    return { ...part, mediaType: LAYER_TYPES.gzip, annotations: {} };
  } finally {
    await ingest.discard();
  }
}

async function* verified(source: AsyncIterable<Buffer>, digest: string): AsyncGenerator<Buffer> {
  const hash = createHash("sha256");
  for await (const piece of source) {
    hash.update(piece);
    yield piece;
  }
  const actual = `sha256:${hash.digest("hex")}`;
  if (actual !== digest)
    throw new DigestMismatchError("the layer to push", { expected: digest, actual });
}
