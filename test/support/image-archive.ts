import { type BuiltImage, descriptor, OCI_TYPES } from "./image-builder.ts";
import { type TarEntry, tarArchive } from "./tar-archive.ts";

/** An OCI image layout as one tar, as `skopeo copy … oci-archive:` writes it. */
export function ociArchive(image: BuiltImage, reference?: string): Buffer {
  const blobs = [image.manifest, image.config, ...image.layers];
  const annotations =
    reference === undefined
      ? {}
      : {
          "io.containerd.image.name": reference,
          "org.opencontainers.image.ref.name": reference,
        };
  const index = {
    schemaVersion: 2,
    mediaType: OCI_TYPES.index,
    manifests: [{ ...descriptor(image.manifest), annotations }],
  };
  return tarArchive([
    { path: "oci-layout", data: JSON.stringify({ imageLayoutVersion: "1.0.0" }) },
    { path: "index.json", data: JSON.stringify(index) },
    { path: "blobs", type: "directory" },
    { path: "blobs/sha256", type: "directory" },
    ...unique(blobs.map((blob) => ({ path: blobPath(blob.digest), data: blob.bytes }))),
  ]);
}

/** What `docker save` writes: plain layers and a manifest.json. */
export function dockerArchive(image: BuiltImage, tags: readonly string[]): Buffer {
  const configName = `${image.config.digest.slice("sha256:".length)}.json`;
  const layers = image.layers.map((layer) => ({
    path: `${layer.diffId.slice("sha256:".length)}/layer.tar`,
    data: layer.tar,
  }));
  const manifest = [
    { Config: configName, RepoTags: tags, Layers: layers.map((layer) => layer.path) },
  ];
  return tarArchive([
    { path: configName, data: image.config.bytes },
    ...unique(layers),
    { path: "manifest.json", data: JSON.stringify(manifest) },
  ]);
}

function blobPath(digest: string): string {
  return `blobs/${digest.replace(":", "/")}`;
}

function unique(entries: TarEntry[]): TarEntry[] {
  return [...new Map(entries.map((entry) => [entry.path, entry])).values()];
}
