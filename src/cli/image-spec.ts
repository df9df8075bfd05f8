import type { ImageSpec } from "../cri/gen/runtime/v1/api.ts";

/** An image by its name or ID, as CRI's requests want it. */
export function imageSpec(reference: string): ImageSpec {
  return {
    image: reference,
    annotations: {},
    userSpecifiedImage: "",
    runtimeHandler: "",
    imageRef: "",
  };
}
