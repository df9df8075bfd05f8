/**
 * The room `content`: blobs by digest, as the registry or an archive gave them.
 *
 * `blobs/sha256/<hex>` is whole and verified; `ingest/<hex>` is unfinished and may be continued by
 * whoever holds the lock `blob:<digest>`. A row in `blobs` says that the file is there; the row goes
 * first when a blob is removed and comes last when one is made. Files are not synced: whoever uses a
 * stored blob verifies it, and one that a power failure has damaged counts as absent. Knows nothing
 * of what blobs mean.
 */
import { join } from "node:path";
import { digestHex } from "../../images/digest.ts";
import type { RuntimePaths } from "../paths.ts";

export function blobPath(paths: RuntimePaths, digest: string): string {
  return join(blobDirectory(paths), digestHex(digest));
}

export function blobDirectory(paths: RuntimePaths): string {
  return join(paths.content, "blobs", "sha256");
}

export function ingestDirectory(paths: RuntimePaths): string {
  return join(paths.content, "ingest");
}

export function ingestPath(paths: RuntimePaths, digest: string): string {
  return join(ingestDirectory(paths), digestHex(digest));
}
