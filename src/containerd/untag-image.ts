import { createMessage } from "../cri/create-message.ts";
import { ImageSpec } from "../cri/gen/runtime/v1/api.ts";
import type { CallOptions, ImageService } from "../cri/services.ts";
import { hasCode } from "../errors/status-error.ts";
import type { ContainerdClient } from "./containerd-client.ts";
import { fullName, getNamedRecord, isIdName, isSameName, listNativeImages } from "./find-image.ts";
import { deleteImageRecord } from "./image-records.ts";
import { waitForCri } from "./wait-for-cri.ts";

/**
 * Removes one name. The image goes with its last tag, together with the digests it was pulled by; what
 * containers use of it stays until they go.
 */
export async function untagImage(
  client: ContainerdClient,
  images: ImageService,
  reference: string,
  options: CallOptions,
): Promise<{ removedImage: boolean }> {
  const { name: recorded } = await getNamedRecord(client, reference);
  const name = fullName(reference);
  const all = await listNativeImages(client);
  const image = all.find(({ records }) => records.some((record) => record.name === recorded));
  const names = (image?.records ?? [{ name: recorded }]).map((record) => record.name);
  const [going, staying] = divide(names, (each) => each === recorded || isSameName(each, name));
  if (image === undefined || !isLastName(name, staying)) {
    for (const each of going) await deleteIfThere(client, each);
    if (image !== undefined) {
      await waitForCri(images, { imageId: image.id, name, isThere: false }, options);
    }
    return { removedImage: false };
  }
  const spec = createMessage(ImageSpec, { image: image.id });
  await images.removeImage({ image: spec }, options);
  // What CRI has not seen yet it does not remove.
  for (const rest of names) await deleteIfThere(client, rest);
  return { removedImage: true };
}

function divide(
  names: readonly string[],
  isFirst: (name: string) => boolean,
): [readonly string[], readonly string[]] {
  return [names.filter(isFirst), names.filter((name) => !isFirst(name))];
}

function isLastName(name: string, others: readonly string[]): boolean {
  const tags = others.filter((other) => !isIdName(other) && !other.includes("@"));
  const digests = others.filter((other) => other.includes("@"));
  return tags.length === 0 && (!name.includes("@") || digests.length === 0);
}

async function deleteIfThere(client: ContainerdClient, name: string): Promise<void> {
  try {
    await deleteImageRecord(client, name);
  } catch (error) {
    if (!hasCode(error, "NotFound")) throw error;
  }
}
