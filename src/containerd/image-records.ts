import { hasCode } from "../errors/status-error.ts";
import type { ContainerdClient } from "./containerd-client.ts";
import type { Image } from "./gen/containerd/services/images/v1/images.ts";
import type { Descriptor } from "./gen/containerd/types/descriptor.ts";
import { IMAGES } from "./methods.ts";

/** A name and what it means. */
export interface ImageRecord {
  readonly name: string;
  readonly target: Descriptor;
}

/**
 * CRI's mark on records that it need not look into any more. One that it finds without, it gives a
 * record under the image's ID, which is why those are made first here.
 */
const MANAGED = { "io.cri-containerd.image": "managed" };
const MOST_ATTEMPTS = 5;

export async function listImageRecords(client: ContainerdClient): Promise<ImageRecord[]> {
  const { images } = await client.call(IMAGES.list, {});
  return images.flatMap(toRecord);
}

export async function findImageRecord(
  client: ContainerdClient,
  name: string,
): Promise<ImageRecord | undefined> {
  try {
    const { image } = await client.call(IMAGES.get, { name });
    return image === undefined ? undefined : toRecord(image)[0];
  } catch (error) {
    if (hasCode(error, "NotFound")) return undefined;
    throw error;
  }
}

/** Makes the name mean the target, whatever it meant. */
export async function putImageRecord(
  client: ContainerdClient,
  name: string,
  target: Descriptor,
): Promise<void> {
  const image = { name, target, labels: MANAGED };
  for (let attempt = 1; ; attempt++) {
    try {
      await client.call(IMAGES.create, { image });
      return;
    } catch (error) {
      if (!hasCode(error, "AlreadyExists") || attempt === MOST_ATTEMPTS) throw error;
    }
    try {
      await client.call(IMAGES.update, { image, updateMask: ["target", "labels"] });
      return;
    } catch (error) {
      // Removed meanwhile.
      if (!hasCode(error, "NotFound")) throw error;
    }
  }
}

/** Removes the name, and what nothing else needs. NotFound for an unknown one. */
export async function deleteImageRecord(client: ContainerdClient, name: string): Promise<void> {
  await client.call(IMAGES.delete, { name, sync: true });
}

function toRecord({ name, target }: Image): ImageRecord[] {
  return target === undefined ? [] : [{ name, target }];
}
