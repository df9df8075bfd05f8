import { DigestMismatchError } from "../errors/digest-mismatch-error.ts";
import { isDigest } from "../images/digest.ts";
import { askRegistry, discardBody, type RegistryAccess } from "./ask-registry.ts";
import type { RegistryPatience } from "./retry.ts";

export interface ManifestUpload {
  readonly repository: string;
  /** Tag or digest. */
  readonly reference: string;
  readonly digest: string;
  readonly mediaType: string;
  readonly bytes: Buffer<ArrayBuffer>;
  readonly patience: RegistryPatience;
  readonly signal?: AbortSignal | undefined;
}

/** Puts a manifest or index whose parts are there. DigestMismatchError where the registry took other bytes. */
export async function putManifest(access: RegistryAccess, upload: ManifestUpload): Promise<void> {
  const { repository, reference, digest, mediaType, bytes, patience, signal } = upload;
  const what = `manifest of "${repository}${isDigest(reference) ? "@" : ":"}${reference}"`;
  const response = await askRegistry(access, {
    method: "PUT",
    path: `/v2/${repository}/manifests/${reference}`,
    headers: { "content-type": mediaType },
    body: bytes,
    what,
    signal,
    timeoutMs: patience.answerTimeoutMs,
  });
  await discardBody(response);
  const actual = response.headers.get("docker-content-digest");
  if (actual === null || !isDigest(actual) || actual === digest) return;
  throw new DigestMismatchError(`the ${what}`, { expected: digest, actual });
}
