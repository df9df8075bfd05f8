import { DigestMismatchError } from "../errors/digest-mismatch-error.ts";
import { StatusError } from "../errors/status-error.ts";
import { digestOf, isDigest } from "../images/digest.ts";
import { INDEX_TYPES, MANIFEST_TYPES } from "../images/media-types.ts";
import { askRegistry, type RegistryAccess } from "./ask-registry.ts";
import { readBody } from "./read-body.ts";
import type { RegistryPatience } from "./retry.ts";

export interface FetchedManifest {
  readonly bytes: Buffer;
  readonly digest: string;
  readonly mediaType: string;
}

/** More than the distribution specification allows. */
const LARGEST_BYTES = 8 * 1024 * 1024;
const ACCEPT = [...INDEX_TYPES, ...MANIFEST_TYPES].join(", ");

/** A manifest or index by tag or digest, verified where a digest is known. */
export async function fetchManifest(
  access: RegistryAccess,
  request: {
    repository: string;
    /** Tag or digest. */
    reference: string;
    patience: RegistryPatience;
    signal?: AbortSignal | undefined;
  },
): Promise<FetchedManifest> {
  const { repository, reference, patience, signal } = request;
  const registry = access.endpoint.host;
  const what = `manifest of "${repository}${isDigest(reference) ? "@" : ":"}${reference}"`;
  const response = await askRegistry(access, {
    path: `/v2/${repository}/manifests/${reference}`,
    headers: { accept: ACCEPT },
    what,
    signal,
    timeoutMs: patience.answerTimeoutMs,
  });
  const pieces: Uint8Array[] = [];
  let sizeBytes = 0;
  const context = { registry, stallTimeoutMs: patience.stallTimeoutMs, signal };
  for await (const piece of readBody(response, context)) {
    sizeBytes += piece.length;
    if (sizeBytes > LARGEST_BYTES) {
      throw new StatusError("InvalidArgument", `the ${what} is larger than ${LARGEST_BYTES} bytes`);
    }
    pieces.push(piece);
  }
  const bytes = Buffer.concat(pieces);
  const digest = digestOf(bytes);
  const promised = response.headers.get("docker-content-digest");
  const expected = isDigest(reference) ? reference : promised;
  if (expected !== null && isDigest(expected) && expected !== digest) {
    throw new DigestMismatchError(`the ${what}`, { expected, actual: digest });
  }
  const mediaType = response.headers.get("content-type")?.split(";")[0]?.trim() ?? "";
  return { bytes, digest, mediaType };
}
