import { createHash } from "node:crypto";
import { DigestMismatchError } from "../errors/digest-mismatch-error.ts";
import { StatusError } from "../errors/status-error.ts";
import type { RegistryAccess } from "./ask-registry.ts";
import { hasBlob } from "./has-resource.ts";
import { RegistryError } from "./registry-error.ts";
import { isTransient, type RegistryPatience, retry, waitBeforeRetry } from "./retry.ts";
import {
  appendToUpload,
  beginUpload,
  finishUpload,
  resumeUpload,
  type UploadSession,
} from "./upload-session.ts";

export interface BlobUpload {
  readonly repository: string;
  readonly digest: string;
  readonly sizeBytes: number;
  /** Another repository of the registry that may have the blob. */
  readonly mountFrom?: string | undefined;
  /** The blob's bytes from an offset on. */
  read(offset: number): AsyncIterable<Uint8Array>;
  readonly onProgress?: ((doneBytes: number) => void) | undefined;
  readonly patience: RegistryPatience;
  readonly signal?: AbortSignal | undefined;
}

/** Sent with the request that ends the upload, which saves one. */
const SMALL_BYTES = 1024 * 1024;
/** Size of the parts where a proxy before the registry refuses the whole. */
const PART_BYTES = 32 * 1024 * 1024;

/**
 * Brings a blob into the repository, unless it is there or can be mounted. An upload that breaks off
 * goes on where the registry says that it stands, or from the start where the registry has given it
 * up; attempts are counted anew whenever it stands further. The bytes are hashed as they are read: a
 * damaged blob rejects with DigestMismatchError and is never committed.
 */
export async function uploadBlob(
  access: RegistryAccess,
  upload: BlobUpload,
): Promise<"exists" | "uploaded"> {
  if (await retry(() => hasBlob(access, upload), upload)) return "exists";
  const verifier = createVerifier(upload);
  let session: UploadSession | undefined;
  let attempt = 0;
  let furthest = 0;
  let mountFrom = upload.mountFrom;
  let partBytes = Number.POSITIVE_INFINITY;
  for (;;) {
    try {
      session ??= await beginUpload(access, { ...upload, mountFrom });
      mountFrom = undefined;
      if (session.isMounted) return "exists";
      session = await sendRest(access, { upload, session, verifier, partBytes });
      return "uploaded";
    } catch (error) {
      if (isTooLarge(error) && partBytes > PART_BYTES) partBytes = PART_BYTES;
      else if (!isTransient(error) && !isLost(error)) throw error;
      attempt += 1;
      if (attempt > upload.patience.retries) throw error;
      if (!isLost(error)) await waitBeforeRetry(attempt, error, upload);
      session = await resumeUpload(access, upload, session);
      // The answer to the commit may be what was lost.
      if (session === undefined && (await isThere(access, upload))) return "uploaded";
      const stands = session?.offset ?? 0;
      if (stands > furthest) attempt = 0;
      furthest = Math.max(furthest, stands);
      upload.onProgress?.(stands);
    }
  }
}

/** From where the session stands to the commit. */
async function sendRest(
  access: RegistryAccess,
  parts: {
    upload: BlobUpload;
    session: UploadSession;
    verifier: Verifier;
    partBytes: number;
  },
): Promise<UploadSession> {
  const { upload, verifier } = parts;
  let { session } = parts;
  if (upload.sizeBytes - session.offset <= SMALL_BYTES) {
    const pieces: Uint8Array[] = [];
    for await (const piece of verifier.read(session.offset)) pieces.push(piece);
    verifier.verify();
    await finishUpload(access, upload, { session, rest: Buffer.concat(pieces) });
    return session;
  }
  while (session.offset < upload.sizeBytes) {
    const end = Math.min(
      upload.sizeBytes,
      session.offset + Math.max(parts.partBytes, session.leastPartBytes),
    );
    session = await appendToUpload(access, upload, {
      session,
      end,
      body: verifier.read(session.offset),
    });
  }
  verifier.verify();
  await finishUpload(access, upload, { session });
  return session;
}

interface Verifier {
  /** Reads from the offset on and reports progress; what was not read before is hashed. */
  read(offset: number): AsyncIterable<Uint8Array>;
  /** Throws unless everything was read and is what the digest says. */
  verify(): void;
}

function createVerifier(upload: BlobUpload): Verifier {
  const hash = createHash("sha256");
  let hashedBytes = 0;
  return {
    async *read(offset) {
      let position = offset;
      for await (const piece of upload.read(offset)) {
        const end = position + piece.length;
        if (end > upload.sizeBytes) break;
        if (end > hashedBytes) {
          hash.update(piece.subarray(Math.max(0, hashedBytes - position)));
          hashedBytes = end;
        }
        position = end;
        yield piece;
        upload.onProgress?.(position);
      }
      if (position === upload.sizeBytes) return;
      throw new StatusError(
        "DataLoss",
        `blob "${upload.digest}" has not ${upload.sizeBytes} bytes`,
      );
    },
    verify() {
      const actual = `sha256:${hash.copy().digest("hex")}`;
      if (actual === upload.digest && hashedBytes === upload.sizeBytes) return;
      throw new DigestMismatchError("the blob to push", { expected: upload.digest, actual });
    },
  };
}

async function isThere(access: RegistryAccess, upload: BlobUpload): Promise<boolean> {
  try {
    return await hasBlob(access, upload);
  } catch (error) {
    if (error instanceof RegistryError) return false;
    throw error;
  }
}

/** The registry knows the session no more, or at another place than we do. */
function isLost(error: unknown): boolean {
  return error instanceof RegistryError && [404, 416].includes(error.httpStatus ?? 0);
}

function isTooLarge(error: unknown): boolean {
  return error instanceof RegistryError && error.httpStatus === 413;
}
