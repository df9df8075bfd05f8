import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, open, rename, rm } from "node:fs/promises";
import { DigestMismatchError } from "../../errors/digest-mismatch-error.ts";
import { StatusError } from "../../errors/status-error.ts";
import { failpoint } from "../../host/failpoint.ts";
import type { Engine } from "../engine.ts";
import { blobDirectory, blobPath, ingestDirectory, ingestPath } from "./blob-path.ts";
import { throwWriteError } from "./throw-write-error.ts";

/** A blob on its way in. The caller holds the lock `blob:<digest>` until commit or discard. */
export interface Ingest {
  /**
   * Takes the blob's bytes from `fetch` (which starts at the given offset), writes and hashes them,
   * and hands them on in large pieces, those of an earlier unfinished ingest first. At the end
   * throws DigestMismatchError or DataLoss where they are not what was promised.
   */
  pass(fetch: (offset: number) => AsyncIterable<Uint8Array>): AsyncGenerator<Buffer>;
  /**
   * After `pass` has ended: makes the blob visible. Does not wait for the disk, which would take
   * longer than the whole pull: after a power failure `hasBlob` notices what was lost.
   */
  commit(): Promise<void>;
  /** Removes what was written. Idempotent; does nothing after commit. */
  discard(): Promise<void>;
}

/** Pieces are gathered up to this size: each costs a write, a hash update and a turn of the event loop. */
const PIECE_BYTES = 512 * 1024;

export async function openIngest(
  engine: Engine,
  blob: { digest: string /** Undefined where nobody promised one. */; sizeBytes?: number },
): Promise<Ingest> {
  const path = ingestPath(engine.paths, blob.digest);
  await mkdir(ingestDirectory(engine.paths), { recursive: true, mode: 0o700 });
  await mkdir(blobDirectory(engine.paths), { recursive: true, mode: 0o700 });
  let file: FileHandle | undefined = await open(path, "a", 0o600).catch(throwWriteError);
  let sizeBytes = 0;
  const close = async () => {
    await file?.close();
    file = undefined;
  };
  return {
    async *pass(fetch) {
      const present = (await file?.stat())?.size ?? 0;
      const hash = createHash("sha256");
      sizeBytes = 0;
      if (present > 0 && present <= (blob.sizeBytes ?? 0)) {
        for await (const piece of createReadStream(path, { highWaterMark: PIECE_BYTES })) {
          hash.update(piece);
          sizeBytes += piece.length;
          yield piece;
        }
      } else {
        await file?.truncate(0);
      }
      if (sizeBytes !== blob.sizeBytes || sizeBytes === 0) {
        for await (const piece of gather(fetch(sizeBytes))) {
          sizeBytes += piece.length;
          if (sizeBytes > (blob.sizeBytes ?? Number.POSITIVE_INFINITY)) break;
          // The disk takes the piece while its consumer works on it.
          const written = file?.write(piece).catch(throwWriteError);
          written?.catch(() => {});
          hash.update(piece);
          yield piece;
          await written;
        }
      }
      verify(blob, sizeBytes, `sha256:${hash.digest("hex")}`);
    },
    async commit() {
      await close();
      await rename(path, blobPath(engine.paths, blob.digest)).catch(throwWriteError);
      failpoint("blob:renamed");
      await engine.database.write((db) =>
        db
          .prepare("INSERT OR REPLACE INTO blobs VALUES (?, ?, ?)")
          .run(blob.digest, sizeBytes, Date.now()),
      );
    },
    async discard() {
      if (file === undefined) return;
      await close();
      await rm(path, { force: true });
    },
  };
}

function verify(
  blob: { digest: string; sizeBytes?: number },
  sizeBytes: number,
  actual: string,
): void {
  const promised = blob.sizeBytes ?? sizeBytes;
  if (sizeBytes < promised) {
    throw new StatusError(
      "DataLoss",
      `blob "${blob.digest}" ended after ${sizeBytes} of ${promised} bytes`,
    );
  }
  if (sizeBytes > promised) {
    throw new StatusError("DataLoss", `blob "${blob.digest}" is longer than its ${promised} bytes`);
  }
  if (actual !== blob.digest) {
    throw new DigestMismatchError("the blob", { expected: blob.digest, actual });
  }
}

async function* gather(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let pieces: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const piece of source) {
    pieces.push(piece);
    sizeBytes += piece.length;
    if (sizeBytes < PIECE_BYTES) continue;
    yield join(pieces);
    pieces = [];
    sizeBytes = 0;
  }
  if (sizeBytes > 0) yield join(pieces);
}

function join(pieces: Uint8Array[]): Buffer {
  const [first] = pieces;
  if (pieces.length === 1 && first !== undefined) {
    return Buffer.from(first.buffer, first.byteOffset, first.byteLength);
  }
  return Buffer.concat(pieces);
}
