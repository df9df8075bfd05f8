import type { RemoveImageRequest, RemoveImageResponse } from "../../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../../errors/status-error.ts";
import type { Engine } from "../engine.ts";
import { removeImage as remove } from "../images/remove-image.ts";

/** RemoveImage: with all its tags, by whichever name; idempotent. */
export async function removeImage(
  engine: Engine,
  request: RemoveImageRequest,
): Promise<RemoveImageResponse> {
  const reference = request.image?.image ?? "";
  if (reference === "") throw new StatusError("InvalidArgument", "no image is named");
  await remove(engine, reference);
  return {};
}
