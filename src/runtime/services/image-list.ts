import type { ListImagesRequest, ListImagesResponse } from "../../cri/gen/runtime/v1/api.ts";
import type { Engine } from "../engine.ts";
import { findImage } from "../images/find-image.ts";
import { listImages as listRecords } from "../images/list-images.ts";
import { toCriImage } from "../images/to-cri-image.ts";

/** ListImages: all, or the one that the filter names by ID, tag or digest. */
export async function listImages(
  engine: Engine,
  request: ListImagesRequest,
): Promise<ListImagesResponse> {
  const wanted = request.filter?.image?.image ?? "";
  if (wanted === "") return { images: listRecords(engine).map(toCriImage) };
  const image = findImage(engine, wanted);
  return { images: image === undefined ? [] : [toCriImage(image)] };
}
