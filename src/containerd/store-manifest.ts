import { randomHex } from "../host/random-id.ts";
import { digestOf } from "../images/digest.ts";
import { makeManifest } from "../images/make-manifest.ts";
import { MANIFEST_TYPES } from "../images/media-types.ts";
import type { Descriptor } from "../images/parse-manifest.ts";
import type { ArchivedImage } from "../images/resolve-archive.ts";
import type { ContainerdClient } from "./containerd-client.ts";
import { nativeContent } from "./content.ts";
import { openContentWriter } from "./open-content-writer.ts";

/** Archives of docker-save have no manifest, which containerd's images begin with: makes one. */
export async function storeManifest(
  client: ContainerdClient,
  image: ArchivedImage,
): Promise<Descriptor> {
  await storeDocument(client, image.configBytes);
  const bytes = await makeManifest(image, nativeContent(client));
  const digest = await storeDocument(client, bytes);
  const mediaType = MANIFEST_TYPES[0] ?? "";
  return { mediaType, digest, sizeBytes: bytes.length, annotations: {} };
}

async function storeDocument(client: ContainerdClient, bytes: Buffer): Promise<string> {
  const digest = digestOf(bytes);
  const blob = await openContentWriter(client, {
    ref: `crish-document-${randomHex(8)}`,
    expectedDigest: digest,
    sizeBytes: bytes.length,
  });
  try {
    await blob.write(bytes);
    await blob.commit();
  } finally {
    await blob.discard();
  }
  return digest;
}
