import type { ImageStatusRequest, ImageStatusResponse } from "../../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../../errors/status-error.ts";
import type { Engine } from "../engine.ts";
import { findImage } from "../images/find-image.ts";
import { toCriImage } from "../images/to-cri-image.ts";

/** ImageStatus: an unknown image is an empty answer, not an error. */
export async function imageStatus(
  engine: Engine,
  request: ImageStatusRequest,
): Promise<ImageStatusResponse> {
  const reference = request.image?.image ?? "";
  if (reference === "") throw new StatusError("InvalidArgument", "no image is named");
  const image = findImage(engine, reference);
  if (image === undefined) return { image: undefined, info: {} };
  if (!request.verbose) return { image: toCriImage(image), info: {} };
  // The keys are containerd's, which tools read.
  const info = JSON.stringify({ chainID: image.chainId, imageSpec: image.config });
  return { image: toCriImage(image), info: { info } };
}
