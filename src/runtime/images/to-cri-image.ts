import type { Image } from "../../cri/gen/runtime/v1/api.ts";
import type { ImageRecord } from "./image-record.ts";
import { imageUser } from "./image-user.ts";

export function toCriImage(image: ImageRecord): Image {
  const { uid, username } = imageUser(image.config.config?.User);
  return {
    id: image.id,
    repoTags: [...image.tags],
    repoDigests: [...image.digests],
    size: BigInt(image.sizeBytes),
    uid: uid === undefined ? undefined : { value: uid },
    username,
    spec: undefined,
    pinned: image.pinned,
  };
}
