import type { ImageStore } from "../../cri/image-store.ts";
import type { Engine } from "../engine.ts";
import { toCriImage } from "./to-cri-image.ts";

/** The image verbs that CRI has no call for. */
export function createImageStore(engine: Engine): ImageStore {
  return {
    async pull(reference, { auth, ...rest }) {
      const { pullImage } = await import("./pull-image.ts");
      const credentials = auth === undefined ? {} : { credentials: auth };
      return toCriImage(await pullImage(engine, { reference, ...credentials, ...rest }));
    },
    async load(archive, rest) {
      const { loadArchive } = await import("./load-archive.ts");
      return await loadArchive(engine, archive, rest);
    },
    async untag(reference) {
      const { untagImage } = await import("./remove-image.ts");
      return await untagImage(engine, reference);
    },
    async tag(source, target) {
      const { tagImage } = await import("./tag-image.ts");
      await tagImage(engine, source, target);
    },
    async save(references, archive, rest) {
      const { saveImages } = await import("./save-images.ts");
      await saveImages(engine, { references, archive, ...rest });
    },
    async push(reference, { auth, ...rest }) {
      const { pushStoredImage } = await import("./push-stored-image.ts");
      const credentials = auth === undefined ? {} : { credentials: auth };
      return await pushStoredImage(engine, {
        reference,
        ...credentials,
        ...rest,
      });
    },
    async history(reference) {
      const { imageHistory } = await import("./describe-images.ts");
      return imageHistory(engine, reference);
    },
    async diskUsage() {
      const { imageDiskUsage } = await import("./describe-images.ts");
      return imageDiskUsage(engine);
    },
  };
}
