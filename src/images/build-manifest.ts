import { CONFIG_TYPE, MANIFEST_TYPES } from "./media-types.ts";

interface Part {
  readonly digest: string;
  readonly sizeBytes: number;
}

/** A manifest (image-spec, manifest.md) over blobs that came without one. The same parts give the same bytes. */
export function buildManifest(parts: {
  config: Part;
  /** Lowest first. */
  layers: readonly (Part & { mediaType: string })[];
}): Buffer<ArrayBuffer> {
  const { config, layers } = parts;
  const manifest = {
    schemaVersion: 2,
    mediaType: MANIFEST_TYPES[0],
    config: { mediaType: CONFIG_TYPE, digest: config.digest, size: config.sizeBytes },
    layers: layers.map(({ mediaType, digest, sizeBytes }) => ({
      mediaType,
      digest,
      size: sizeBytes,
    })),
  };
  return Buffer.from(JSON.stringify(manifest));
}
