import type { CallOptions, ImageService } from "../cri/services.ts";
import { StatusError } from "../errors/status-error.ts";
import { formatTagName, parseImageReference } from "../images/image-reference.ts";
import type { ContainerdClient } from "./containerd-client.ts";
import { describeImage } from "./describe-image.ts";
import { getImageRecord } from "./find-image.ts";
import { putImageRecord } from "./image-records.ts";
import { waitForCri } from "./wait-for-cri.ts";

/** Gives the image one more name, taking it from an image that had it. */
export async function tagImage(
  client: ContainerdClient,
  images: ImageService,
  names: { source: string; target: string },
  options: CallOptions,
): Promise<void> {
  const name = formatTagName(parseImageReference(names.target));
  if (name === undefined) {
    throw new StatusError(
      "InvalidArgument",
      `"${names.target}" is a digest, which cannot be given`,
    );
  }
  const { target } = await getImageRecord(client, names.source);
  const { id } = await describeImage(client, target);
  // CRI knows images by this one, which a record that another tool has just made may lack.
  await putImageRecord(client, id, target);
  await putImageRecord(client, name, target);
  await waitForCri(images, { imageId: id, name, isThere: true }, options);
}
