import type { CriBackend } from "../../src/cri/backend.ts";
import { createMessage } from "../../src/cri/create-message.ts";
import { ImageSpec } from "../../src/cri/gen/runtime/v1/api.ts";
import type { ContractImages } from "./contract-images.ts";

/** Pulls the images that containers of the suite use, by tag and by digest. */
export async function pullBefore(backend: CriBackend, images: ContractImages): Promise<void> {
  for (const reference of [images.busybox, images.configured]) {
    const image = createMessage(ImageSpec, { image: reference });
    await backend.images.pullImage({ image, auth: undefined, sandboxConfig: undefined });
  }
}
