import type { HistoryEntry, ImageDiskUsage } from "../cri/image-store.ts";
import { hasCode } from "../errors/status-error.ts";
import { toChainIds } from "../images/digest.ts";
import { divideUsage } from "../images/divide-usage.ts";
import { toImageHistory } from "../images/image-history.ts";
import type { ContainerdClient } from "./containerd-client.ts";
import { findBlobSize } from "./content.ts";
import { describeImage, type ImageDescription, readImageConfig } from "./describe-image.ts";
import { getImageRecord, listNativeImages, type NativeImage } from "./find-image.ts";
import { SNAPSHOTS } from "./methods.ts";

/** How an image was made, newest step first, with what its layers take unpacked. NotFound. */
export async function imageHistory(
  client: ContainerdClient,
  { reference, snapshotter }: { reference: string; snapshotter: string },
): Promise<HistoryEntry[]> {
  const { target } = await getImageRecord(client, reference);
  const config = await readImageConfig(client, await describeImage(client, target));
  const sizes: (number | undefined)[] = [];
  for (const chainId of toChainIds(config.rootfs.diff_ids)) {
    sizes.push(await findSnapshotSize(client, { snapshotter, key: chainId }));
  }
  return toImageHistory(config, (layer) => sizes[layer]);
}

/** What every image takes on disk, as far as its content is here. */
export async function imageDiskUsage(
  client: ContainerdClient,
  snapshotter: string,
): Promise<ImageDiskUsage[]> {
  const sizeByChainId = new Map<string, number>();
  const layered = [];
  const contentBytes = new Map<string, number>();
  for (const image of await listNativeImages(client)) {
    const contents = await describeAll(client, image);
    const [content] = contents;
    if (content === undefined) continue;
    const config = await readImageConfig(client, content);
    const chainIds = toChainIds(config.rootfs.diff_ids);
    for (const key of chainIds) {
      if (sizeByChainId.has(key)) continue;
      sizeByChainId.set(key, (await findSnapshotSize(client, { snapshotter, key })) ?? 0);
    }
    const layers = chainIds.map((key) => ({ key, sizeBytes: sizeByChainId.get(key) ?? 0 }));
    layered.push({ imageId: image.id, layers });
    contentBytes.set(image.id, await sumBlobs(client, contents));
  }
  return divideUsage(layered).map((usage) => ({
    ...usage,
    contentBytes: contentBytes.get(usage.imageId) ?? 0,
  }));
}

/** One for each manifest or index that the image's names lead to. */
async function describeAll(
  client: ContainerdClient,
  { records }: NativeImage,
): Promise<ImageDescription[]> {
  const targets = new Map(records.map(({ target }) => [target.digest, target]));
  const found: ImageDescription[] = [];
  for (const target of targets.values()) {
    try {
      found.push(await describeImage(client, target));
    } catch (error) {
      // Removed meanwhile, or never here.
      if (!hasCode(error, "NotFound")) throw error;
    }
  }
  return found;
}

async function sumBlobs(
  client: ContainerdClient,
  contents: readonly ImageDescription[],
): Promise<number> {
  const digests = contents.flatMap(({ id, documents, layers }) => [
    id,
    ...documents,
    ...layers.map(({ digest }) => digest),
  ]);
  let sum = 0;
  for (const digest of new Set(digests)) sum += (await findBlobSize(client, digest)) ?? 0;
  return sum;
}

async function findSnapshotSize(
  client: ContainerdClient,
  request: { snapshotter: string; key: string },
): Promise<number | undefined> {
  try {
    return Number((await client.call(SNAPSHOTS.usage, request)).size);
  } catch (error) {
    if (hasCode(error, "NotFound")) return undefined;
    throw error;
  }
}
