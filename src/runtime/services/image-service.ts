import type { ImageService } from "../../cri/services.ts";
import type { Engine } from "../engine.ts";
import { guardCall, guardStream } from "./guard-call.ts";

/** Images in one message of StreamImages. */
const STREAM_CHUNK = 100;

/** CRI's ImageService of the embedded runtime. */
export function createImageService(engine: Engine): ImageService {
  return {
    listImages: guardCall(async (request) =>
      (await import("./image-list.ts")).listImages(engine, request),
    ),
    streamImages: guardStream(async function* (request) {
      const { images } = await (await import("./image-list.ts")).listImages(engine, request);
      for (let offset = 0; offset < images.length; offset += STREAM_CHUNK) {
        yield { images: images.slice(offset, offset + STREAM_CHUNK) };
      }
    }),
    imageStatus: guardCall(async (request) =>
      (await import("./image-status.ts")).imageStatus(engine, request),
    ),
    pullImage: guardCall(async (request, options) =>
      (await import("./image-pull.ts")).pullImage(engine, request, options),
    ),
    removeImage: guardCall(async (request) =>
      (await import("./image-remove.ts")).removeImage(engine, request),
    ),
    imageFsInfo: guardCall(async () => (await import("./image-fs-info.ts")).imageFsInfo(engine)),
  };
}
