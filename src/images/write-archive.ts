import { createHash } from "node:crypto";
import type { Writable } from "node:stream";
import type { ImageProgress } from "../cri/image-store.ts";
import { DigestMismatchError } from "../errors/digest-mismatch-error.ts";
import { throwIfAborted } from "../host/sleep.ts";
import type { TarEntry } from "../tar/tar-entry.ts";
import { TarWriter } from "../tar/tar-writer.ts";
import type { ImageContent } from "./image-content.ts";
import { blobsOf, type ImageTree, type ManifestContent } from "./image-tree.ts";
import type { Platform } from "./parse-manifest.ts";
import { selectPlatform } from "./select-platform.ts";
import { trackProgress } from "./track-progress.ts";
import { writeChunk } from "./write-chunk.ts";

export interface ArchivedTree {
  readonly tree: ImageTree;
  /** `registry/repository:tag`, in full; none for an image saved without a name. */
  readonly names: readonly string[];
}

/**
 * Writes images as one tar: an OCI image layout (image-spec, image-layout.md) and docker's
 * manifest.json over the same blobs, for tools that know only one of them. The same images under the
 * same names give the same bytes. Each blob is verified as it is written: a damaged one rejects with
 * DigestMismatchError. The stream is not ended.
 */
export async function writeArchive(
  archive: Writable,
  options: {
    images: readonly ArchivedTree[];
    content: ImageContent;
    host: Platform;
    onProgress?: ((progress: ImageProgress) => void) | undefined;
    signal?: AbortSignal | undefined;
  },
): Promise<void> {
  const { images, content, signal } = options;
  const trees = images.map(({ tree }) => tree);
  const documents = trees.flatMap((tree) =>
    tree.documents.map(({ digest, bytes }) => ({ digest, sizeBytes: bytes.length })),
  );
  const blobs = blobsOf(trees).map(({ digest, sizeBytes }) => ({ digest, sizeBytes }));
  const parts = [...new Map([...documents, ...blobs].map((part) => [part.digest, part])).values()];
  parts.sort((a, b) => (a.digest < b.digest ? -1 : 1));

  const tar = new TarWriter();
  const flush = async (all = false) => {
    throwIfAborted(signal);
    for (const chunk of tar.take(all)) await writeChunk(archive, chunk, signal);
  };
  const writeFile = (name: string, bytes: Buffer) => {
    tar.writeHeader(entryOf(name, bytes.length));
    tar.writeData(bytes);
    tar.endData();
  };
  const progress = trackProgress(parts, options.onProgress);
  tar.writeHeader(entryOf("blobs/"));
  tar.writeHeader(entryOf("blobs/sha256/"));
  for (const [index, part] of parts.entries()) {
    const tracker = progress[index];
    tracker?.set("writing");
    const hash = createHash("sha256");
    tar.writeHeader(entryOf(blobName(part.digest), part.sizeBytes));
    let left = part.sizeBytes;
    for await (const piece of content.stream(part.digest)) {
      left -= piece.length;
      if (left < 0) break;
      hash.update(piece);
      tar.writeData(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength));
      await flush();
      tracker?.add(piece.length);
    }
    verify(part.digest, `sha256:${hash.digest("hex")}`, left);
    tar.endData();
    tracker?.set("done");
  }
  writeFile("index.json", toJson(ociIndex(images)));
  writeFile("manifest.json", toJson(images.map((image) => dockerItem(image, options.host))));
  writeFile("oci-layout", toJson({ imageLayoutVersion: "1.0.0" }));
  tar.end();
  await flush(true);
}

function verify(expected: string, actual: string, leftBytes: number): void {
  if (leftBytes === 0 && actual === expected) return;
  throw new DigestMismatchError("the blob to save", { expected, actual });
}

/** One entry for every name; tools that load it take the whole name from the first annotation. */
function ociIndex(images: readonly ArchivedTree[]) {
  const manifests = images.flatMap(({ tree, names }) => {
    const { mediaType, digest, bytes } = tree.top;
    const descriptor = { mediaType, digest, size: bytes.length };
    if (names.length === 0) return [descriptor];
    return names.map((name) => ({
      ...descriptor,
      annotations: {
        "io.containerd.image.name": name,
        "org.opencontainers.image.ref.name": name.slice(name.lastIndexOf(":") + 1),
      },
    }));
  });
  return {
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.index.v1+json",
    manifests,
  };
}

/** docker save's format knows no index: this host's platform stands for the image. */
function dockerItem({ tree, names }: ArchivedTree, host: Platform) {
  const { config, layers } = forHost(tree, host);
  return {
    Config: blobName(config.digest),
    RepoTags: names,
    Layers: layers.map(({ digest }) => blobName(digest)),
  };
}

function forHost({ images }: ImageTree, host: Platform): ManifestContent {
  const entries = images.map(({ digest, platform, config }) => ({
    ...config,
    digest,
    ...(platform === undefined ? {} : { platform }),
  }));
  const [only] = images;
  const chosen =
    images.length === 1 && only !== undefined ? only.digest : selectPlatform(entries, host).digest;
  const image = images.find(({ digest }) => digest === chosen);
  if (image === undefined) throw new Error("the chosen manifest is one of those given");
  return image;
}

function entryOf(name: string, sizeBytes = 0): TarEntry {
  const isDirectory = name.endsWith("/");
  return {
    name,
    type: isDirectory ? "directory" : "file",
    linkName: "",
    mode: isDirectory ? 0o755 : 0o644,
    uid: 0,
    gid: 0,
    sizeBytes,
    mtime: "0",
    deviceMajor: 0,
    deviceMinor: 0,
    xattrs: new Map(),
  };
}

function blobName(digest: string): string {
  return `blobs/${digest.replace(":", "/")}`;
}

function toJson(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
