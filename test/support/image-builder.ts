import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { type TarEntry, tarArchive } from "./tar-archive.ts";

/** An OCI image in memory. Its parts may be damaged on purpose before it is pushed or saved. */
export interface BuiltImage {
  manifest: Blob;
  config: Blob;
  layers: LayerBlob[];
}

export interface Blob {
  digest: string;
  mediaType: string;
  bytes: Buffer;
}

interface LayerBlob extends Blob {
  /** Digest of the uncompressed tar. */
  diffId: string;
  tar: Buffer;
}

export interface ImageParts {
  /** One list of entries per layer, the lowest first. */
  layers: readonly (readonly TarEntry[])[];
  /** The `config` object of the image configuration: Env, Cmd, User, … */
  config?: Record<string, unknown>;
  architecture?: string;
  compress?: "gzip" | "none";
  /** OCI media types, or Docker's own. */
  format?: "oci" | "docker";
}

/** Builds config, layers and manifest. The same parts always give the same digests. */
export function buildImage(parts: ImageParts): BuiltImage {
  const types = parts.format === "docker" ? DOCKER_TYPES : OCI_TYPES;
  const layers = parts.layers.map((entries) => buildLayer(tarArchive(entries), parts, types));
  const config = jsonBlob(types.config, {
    created: "2024-01-01T00:00:00Z",
    architecture: parts.architecture ?? ARCHITECTURE,
    os: "linux",
    config: parts.config ?? {},
    rootfs: { type: "layers", diff_ids: layers.map((layer) => layer.diffId) },
    history: layers.map(() => ({ created: "2024-01-01T00:00:00Z", created_by: "test" })),
  });
  return { config, layers, manifest: buildManifest(config, layers, types.manifest) };
}

/** A manifest over the blobs as they are now. */
export function buildManifest(
  config: Blob,
  layers: readonly Blob[],
  mediaType: string = OCI_TYPES.manifest,
): Blob {
  return jsonBlob(mediaType, {
    schemaVersion: 2,
    mediaType,
    config: descriptor(config),
    layers: layers.map(descriptor),
  });
}

/** An index that names one manifest per architecture. */
export function buildIndex(images: readonly { architecture: string; image: BuiltImage }[]): Blob {
  return jsonBlob(OCI_TYPES.index, {
    schemaVersion: 2,
    mediaType: OCI_TYPES.index,
    manifests: images.map(({ architecture, image }) => ({
      ...descriptor(image.manifest),
      platform: { os: "linux", architecture },
    })),
  });
}

export function descriptor(blob: Blob): { mediaType: string; digest: string; size: number } {
  return { mediaType: blob.mediaType, digest: blob.digest, size: blob.bytes.length };
}

export function jsonBlob(mediaType: string, value: unknown): Blob {
  const bytes = Buffer.from(JSON.stringify(value));
  return { mediaType, bytes, digest: sha256(bytes) };
}

function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** This machine's architecture in the words of the image specification. */
const ARCHITECTURE = process.arch === "x64" ? "amd64" : process.arch;

export const OCI_TYPES = {
  index: "application/vnd.oci.image.index.v1+json",
  manifest: "application/vnd.oci.image.manifest.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar",
  gzip: "application/vnd.oci.image.layer.v1.tar+gzip",
};

const DOCKER_TYPES: typeof OCI_TYPES = {
  index: "application/vnd.docker.distribution.manifest.list.v2+json",
  manifest: "application/vnd.docker.distribution.manifest.v2+json",
  config: "application/vnd.docker.container.image.v1+json",
  layer: "application/vnd.docker.image.rootfs.diff.tar",
  gzip: "application/vnd.docker.image.rootfs.diff.tar.gzip",
};

function buildLayer(tar: Buffer, parts: ImageParts, types: typeof OCI_TYPES): LayerBlob {
  const plain = parts.compress === "none";
  const bytes = plain ? tar : gzipSync(tar, { level: 1 });
  return {
    tar,
    bytes,
    diffId: sha256(tar),
    digest: sha256(bytes),
    mediaType: plain ? types.layer : types.gzip,
  };
}
