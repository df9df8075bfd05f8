import type { ImageProgress, PushedImage } from "../../cri/image-store.ts";
import {
  formatDigestName,
  formatTagName,
  type ImageReference,
} from "../../images/image-reference.ts";
import { findMountSource, parsePushTarget } from "../../images/parse-push-target.ts";
import { withDeadline } from "../../images/with-deadline.ts";
import type { Credentials } from "../../registry/credentials.ts";
import { openUpload } from "../../registry/open-upload.ts";
import { pushImage } from "../../registry/push-image.ts";
import type { RegistryPatience } from "../../registry/retry.ts";
import type { Engine } from "../engine.ts";
import { compressLayers } from "./compress-layers.ts";
import { getNamedImage } from "./find-image.ts";
import { holdContent } from "./hold-content.ts";
import type { ImageRecord } from "./image-record.ts";
import { addImageName } from "./image-store.ts";
import { findStoredTree, storedContent } from "./stored-tree.ts";

export interface PushOptions {
  readonly reference: string;
  /** The name to push it under; the reference where absent. */
  readonly target?: string | undefined;
  /** Undefined to come as anybody. */
  readonly credentials?: Credentials | undefined;
  readonly onProgress?: ((progress: ImageProgress) => void) | undefined;
  readonly patience?: RegistryPatience | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
}

/**
 * Pushes an image under its own name or another. What was pulled goes up as it came; layers that were
 * loaded without compression are compressed first, once. Rejects with InvalidArgument (a target that
 * is no tag), NotFound, RegistryError, DigestMismatchError (a damaged blob), DeadlineExceeded,
 * Cancelled.
 */
export async function pushStoredImage(engine: Engine, options: PushOptions): Promise<PushedImage> {
  const { reference } = options;
  const { image, tag, repository } = getNamedImage(engine, reference);
  const target = parsePushTarget(options.target ?? tag, reference);
  const name = formatTagName(target) ?? "";
  return await withDeadline(options, `pushing "${name}"`, (signal) =>
    holdContent(engine, { kind: "image-push", image: name }, async (owner) => {
      const mountFrom = findMountSource([...image.digests, ...image.tags], target);
      const upload = await connect(engine, target, { ...options, mountFrom, signal });
      const found = await findStoredTree(engine, image, { repository, compressed: true });
      const tree = await compressLayers(engine, { image, tree: found, owner, signal });
      const pushed = await pushImage(upload, {
        tree,
        content: storedContent(engine),
        target: { name, tag: target.tag ?? "" },
        mountFrom,
        parallel: engine.config.maxParallelLayers,
        onProgress: options.onProgress,
        signal,
      });
      // Only a name that the image has here can have a digest here.
      if (image.tags.includes(name))
        await rememberDigest(engine, { image, target, digest: pushed.digest });
      return pushed;
    }),
  );
}

async function connect(
  engine: Engine,
  target: ImageReference,
  options: PushOptions & { mountFrom: string | undefined; signal: AbortSignal },
) {
  const { registry, repository } = target;
  const { credentials, mountFrom, patience, signal } = options;
  return await openUpload({
    registry,
    repository,
    mountFrom: mountFrom === undefined ? [] : [mountFrom],
    config: engine.config.registries[registry],
    credentials,
    patience,
    signal,
  });
}

/** From now on the image is known by the digest that the registry has it under. */
async function rememberDigest(
  engine: Engine,
  { image, target, digest }: { image: ImageRecord; target: ImageReference; digest: string },
): Promise<void> {
  const name = formatDigestName(target, digest);
  await engine.database.write((db) =>
    addImageName(db, { name, imageId: image.id, kind: "digest" }),
  );
}
