import type { ImageProgress, PushedImage } from "../cri/image-store.ts";
import { createSlots } from "../host/create-slots.ts";
import type { ImageContent } from "../images/image-content.ts";
import { blobsOf, type ImageTree } from "../images/image-tree.ts";
import { type LayerTracker, trackProgress } from "../images/track-progress.ts";
import type { RegistryUpload } from "./open-upload.ts";

export interface PushRequest {
  readonly tree: ImageTree;
  readonly content: ImageContent;
  /** `registry/repository:tag`, and the tag alone. */
  readonly target: { readonly name: string; readonly tag: string };
  /** Another repository of this registry that has the image's blobs, most likely. */
  readonly mountFrom?: string | undefined;
  /** Blobs that flow at once. */
  readonly parallel: number;
  readonly onProgress?: ((progress: ImageProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Uploads what the repository lacks, several blobs at once, then the manifests in the order in which
 * they name each other, the tag last: until then nobody sees anything of it. The first failure ends
 * all; what is up by then, the next push finds.
 */
export async function pushImage(
  upload: RegistryUpload,
  request: PushRequest,
): Promise<PushedImage> {
  const { tree, target } = request;
  const { top, missingPlatforms } = tree;
  const blobs = blobsOf([tree]);
  const trackers = trackProgress(blobs, request.onProgress);
  if (await upload.hasManifest(top.digest)) for (const tracker of trackers) tracker.set("exists");
  else await uploadParts(upload, request, trackers);
  await upload.putManifest({ ...top, reference: target.tag });
  return { reference: target.name, digest: top.digest, missingPlatforms };
}

async function uploadParts(
  upload: RegistryUpload,
  request: PushRequest,
  trackers: readonly LayerTracker[],
): Promise<void> {
  const { tree, content, mountFrom, signal } = request;
  const stop = new AbortController();
  const both = signal === undefined ? stop.signal : AbortSignal.any([stop.signal, signal]);
  const inSlot = createSlots(request.parallel);
  let failure: { error: unknown } | undefined;
  const uploads = blobsOf([tree]).map(async (blob, index) => {
    const tracker = trackers[index];
    try {
      await inSlot(async () => {
        if (failure !== undefined) return;
        tracker?.set("uploading");
        const outcome = await upload.uploadBlob(
          {
            ...blob,
            mountFrom,
            read: (offset) => content.stream(blob.digest, offset),
            onProgress: (doneBytes) => tracker?.reach(doneBytes),
          },
          both,
        );
        tracker?.set(outcome === "exists" ? "exists" : "done");
      });
    } catch (error) {
      failure ??= { error };
      stop.abort();
    }
  });
  await Promise.all(uploads);
  if (failure !== undefined) throw (failure as { error: unknown }).error;
  for (const document of tree.documents) {
    if (document !== tree.top) {
      await upload.putManifest({ ...document, reference: document.digest });
    }
  }
}
