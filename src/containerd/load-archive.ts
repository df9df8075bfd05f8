import type { Readable } from "node:stream";
import type { ImageProgress, LoadedImage } from "../cri/image-store.ts";
import { StatusError } from "../errors/status-error.ts";
import { randomHex } from "../host/random-id.ts";
import { throwIfAborted } from "../host/sleep.ts";
import { formatDigestName, formatTagName, parseImageReference } from "../images/image-reference.ts";
import { readArchive } from "../images/read-archive.ts";
import { type ArchivedImage, resolveArchive } from "../images/resolve-archive.ts";
import { trackProgress } from "../images/track-progress.ts";
import type { ContainerdClient } from "./containerd-client.ts";
import { readDocument } from "./content.ts";
import { describeImage } from "./describe-image.ts";
import type { Descriptor } from "./gen/containerd/types/descriptor.ts";
import { putImageRecord } from "./image-records.ts";
import { labelChildren } from "./label-children.ts";
import { openContentWriter } from "./open-content-writer.ts";
import { storeManifest } from "./store-manifest.ts";
import { unpackImage } from "./unpack-image.ts";
import { withLease } from "./with-lease.ts";

export interface LoadOptions {
  readonly signal: AbortSignal;
  readonly snapshotter: string;
  /** Name for an archive that has none. */
  readonly reference?: string | undefined;
  readonly onProgress?: ((progress: ImageProgress) => void) | undefined;
}

/**
 * Loads an OCI layout or a docker-save archive, read once from front to end, and unpacks its images
 * for this platform. Every blob is verified; a failure leaves nothing that garbage collection would
 * not remove. Names are made last, when their images are complete.
 */
export async function loadArchive(
  client: ContainerdClient,
  archive: Readable,
  options: LoadOptions,
): Promise<LoadedImage[]> {
  const fallback = fallbackTag(options.reference);
  return await withLease(client, async (leased, leaseId) => {
    const id = randomHex(8);
    let count = 0;
    const parts = await readArchive(archive, {
      signal: options.signal,
      openBlob: (facts) =>
        openContentWriter(leased, { ...facts, ref: `crish-load-${id}-${count++}` }),
    });
    const images = await resolveArchive(parts, (digest) => readDocument(leased, digest));
    const named: NamedImage[] = [];
    for (const image of images) {
      const target = await storeImage(leased, image, { ...options, leaseId });
      const tags = image.tags.length === 0 && fallback !== undefined ? [fallback] : image.tags;
      named.push({ image, tags, target });
    }
    throwIfAborted(options.signal);
    // From here on nothing is undone: half of the names would be worse than all of them.
    const patient = leased.with({ signal: AbortSignal.timeout(NAMING_MS) });
    for (const each of named) await nameImage(patient, each);
    return named.map(({ image, tags }) => ({ imageId: image.id, references: [...tags] }));
  });
}

const NAMING_MS = 60_000;

interface NamedImage {
  readonly image: ArchivedImage;
  readonly tags: readonly string[];
  readonly target: Descriptor;
}

function fallbackTag(reference: string | undefined): string | undefined {
  if (reference === undefined) return undefined;
  const tag = formatTagName(parseImageReference(reference));
  if (tag !== undefined) return tag;
  throw new StatusError("InvalidArgument", "an archive cannot be named by a digest");
}

/** Has content and snapshots of the image complete and linked, and returns what names shall mean. */
async function storeImage(
  client: ContainerdClient,
  image: ArchivedImage,
  options: LoadOptions & { leaseId: string },
): Promise<Descriptor> {
  const target = image.top ?? (await storeManifest(client, image));
  const description = await describeImage(client, target);
  await labelChildren(client, target);
  const trackers = trackProgress(description.layers, options.onProgress);
  await unpackImage(
    client,
    { ...description, imageConfig: image.config },
    { ...options, trackers },
  );
  return {
    mediaType: target.mediaType,
    digest: target.digest,
    size: BigInt(target.sizeBytes),
    annotations: {},
  };
}

/** The names that CRI gives a pulled image: its ID first, by which CRI knows it, its tags last. */
async function nameImage(client: ContainerdClient, named: NamedImage): Promise<void> {
  const { image, tags, target } = named;
  const digestNames =
    image.top === undefined
      ? []
      : tags.map((tag) => formatDigestName(parseImageReference(tag), target.digest));
  for (const name of new Set([image.id, ...digestNames, ...tags])) {
    await putImageRecord(client, name, target);
  }
}
