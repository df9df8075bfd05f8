import type { ImageProgress, PushedImage, RegistryAuth } from "../cri/image-store.ts";
import { formatDigestName, formatTagName } from "../images/image-reference.ts";
import { readImageTree } from "../images/image-tree.ts";
import { findMountSource, parsePushTarget } from "../images/parse-push-target.ts";
import { hostPlatform } from "../images/select-platform.ts";
import { openUpload } from "../registry/open-upload.ts";
import { pushImage as upload } from "../registry/push-image.ts";
import type { ContainerdClient } from "./containerd-client.ts";
import { nativeContent } from "./content.ts";
import { getImageRecord, isIdName } from "./find-image.ts";
import { holdContent } from "./hold-content.ts";
import { listImageRecords, putImageRecord } from "./image-records.ts";
import { pushEndpoints } from "./registry-hosts.ts";

export interface PushOptions {
  readonly reference: string;
  /** The name to push it under; the reference where absent. */
  readonly target?: string | undefined;
  /** Undefined to come as anybody. */
  readonly auth?: RegistryAuth | undefined;
  readonly onProgress?: ((progress: ImageProgress) => void) | undefined;
  /** With what the node says of its registries. */
  readonly hostDirectories: readonly string[];
  readonly signal: AbortSignal;
}

/** As many as the embedded runtime moves at once. */
const PARALLEL_BLOBS = 3;

/**
 * Pushes an image under its own name or another, with the blobs as they are in containerd. Rejects with
 * InvalidArgument (a target that is no tag), NotFound, RegistryError, DigestMismatchError (a damaged
 * blob), Cancelled.
 */
export async function pushImage(
  client: ContainerdClient,
  options: PushOptions,
): Promise<PushedImage> {
  const { reference, auth: credentials, onProgress, signal } = options;
  const record = await getImageRecord(client, reference);
  const isTag = !isIdName(record.name) && !record.name.includes("@");
  const target = parsePushTarget(options.target ?? (isTag ? record.name : undefined), reference);
  const { registry, repository } = target;
  const name = formatTagName(target) ?? "";
  const endpoints = await pushEndpoints(registry, options.hostDirectories);
  const siblings = (await listImageRecords(client)).filter(
    (other) => other.target.digest === record.target.digest && !isIdName(other.name),
  );
  const names = siblings.map((other) => other.name);
  return await holdContent(client, [record.target.digest], async (leased) => {
    const content = nativeContent(leased);
    const host = hostPlatform(process.arch);
    const tree = await readImageTree(content, record.target, host);
    const mountFrom = findMountSource(names, target);
    const destination = await openUpload({
      registry,
      repository,
      mountFrom: mountFrom === undefined ? [] : [mountFrom],
      credentials,
      endpoints,
      signal,
    });
    const pushed = await upload(destination, {
      tree,
      content,
      target: { name, tag: target.tag ?? "" },
      mountFrom,
      parallel: PARALLEL_BLOBS,
      onProgress,
      signal,
    });
    // Only a name that the image has here can have a digest here.
    if (names.includes(name) && pushed.digest === record.target.digest) {
      await putImageRecord(leased, formatDigestName(target, pushed.digest), record.target);
    }
    return pushed;
  });
}
