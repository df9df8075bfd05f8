import { hasCode, StatusError } from "../errors/status-error.ts";
import { verifyDigest } from "../images/digest.ts";
import type { ImageContent } from "../images/image-content.ts";
import type { ContainerdClient } from "./containerd-client.ts";
import { CONTENT } from "./methods.ts";

/** No document of an image is as large; a layer is not read as a whole. */
const LARGEST_DOCUMENT_BYTES = 8 * 1024 * 1024;

/** containerd's content store as what saves and pushes read from. */
export function nativeContent(client: ContainerdClient): ImageContent {
  return {
    find: (digest) => findBlobSize(client, digest),
    read: (digest) => readDocument(client, digest),
    stream: (digest, offset) => streamBlob(client, digest, offset),
  };
}

/** A blob's size; undefined where there is no such blob. */
export async function findBlobSize(
  client: ContainerdClient,
  digest: string,
): Promise<number | undefined> {
  try {
    const { info } = await client.call(CONTENT.info, { digest });
    return Number(info?.size ?? 0n);
  } catch (error) {
    if (hasCode(error, "NotFound")) return undefined;
    throw error;
  }
}

/** The whole of a manifest, an index or a config, verified. NotFound where it is not there. */
export async function readDocument(client: ContainerdClient, digest: string): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let sizeBytes = 0;
  for await (const piece of streamBlob(client, digest)) {
    sizeBytes += piece.length;
    if (sizeBytes > LARGEST_DOCUMENT_BYTES) {
      throw new StatusError("InvalidArgument", `the blob "${digest}" is too large for a document`);
    }
    pieces.push(piece);
  }
  const bytes = Buffer.concat(pieces);
  verifyDigest(bytes, digest, `containerd's blob "${digest}"`);
  return bytes;
}

/** The bytes of a blob, unverified, from an offset on. */
async function* streamBlob(
  client: ContainerdClient,
  digest: string,
  offset = 0,
): AsyncGenerator<Buffer> {
  for await (const { data } of client.stream(CONTENT.read, { digest, offset: BigInt(offset) })) {
    yield Buffer.from(data.buffer, data.byteOffset, data.length);
  }
}

/** Sets these labels and keeps the others. */
export async function setContentLabels(
  client: ContainerdClient,
  digest: string,
  labels: Readonly<Record<string, string>>,
): Promise<void> {
  const updateMask = Object.keys(labels).map((key) => `labels.${key}`);
  if (updateMask.length === 0) return;
  const info = { digest, size: 0n, labels: { ...labels } };
  await client.call(CONTENT.update, { info, updateMask });
}
