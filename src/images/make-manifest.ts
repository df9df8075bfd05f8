import { detectCompression } from "../tar/decompress.ts";
import { buildManifest } from "./build-manifest.ts";
import type { ImageContent } from "./image-content.ts";
import { LAYER_TYPES } from "./media-types.ts";
import type { ArchivedImage } from "./resolve-archive.ts";

/**
 * A manifest for an image of an archive that came without one, its blobs in the store: only here is it
 * known which of them are its layers, and in which order.
 */
export async function makeManifest(
  image: ArchivedImage,
  content: Pick<ImageContent, "stream">,
): Promise<Buffer<ArrayBuffer>> {
  const layers = [];
  for (const layer of image.layers) {
    layers.push({ ...layer, mediaType: LAYER_TYPES[await compressionOf(content, layer.digest)] });
  }
  const config = { digest: image.id, sizeBytes: image.configBytes.length };
  return buildManifest({ config, layers });
}

async function compressionOf(content: Pick<ImageContent, "stream">, digest: string) {
  for await (const piece of content.stream(digest)) return detectCompression(piece);
  return "none";
}
