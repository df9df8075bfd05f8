import { buildManifest } from "../../images/build-manifest.ts";
import { LAYER_TYPES } from "../../images/media-types.ts";
import type { ArchivedImage } from "../../images/resolve-archive.ts";
import { detectCompression } from "../../tar/decompress.ts";
import { streamBlob } from "../content/read-blob.ts";
import { writeBlob } from "../content/write-blob.ts";
import type { Engine } from "../engine.ts";

/**
 * Stores a manifest for an image that came without one, and returns its digest: only here is it known
 * which blobs are its layers, and in which order, and saving and pushing need that.
 */
export async function storeManifest(
  engine: Engine,
  image: ArchivedImage,
  signal: AbortSignal,
): Promise<string> {
  const layers = [];
  for (const layer of image.layers) {
    layers.push({ ...layer, mediaType: LAYER_TYPES[await compressionOf(engine, layer.digest)] });
  }
  const config = { digest: image.id, sizeBytes: image.configBytes.length };
  return await writeBlob(engine, buildManifest({ config, layers }), { signal });
}

async function compressionOf(engine: Engine, digest: string) {
  for await (const piece of streamBlob(engine, digest)) return detectCompression(piece);
  return "none";
}
