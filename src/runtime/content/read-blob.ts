import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { StatusError } from "../../errors/status-error.ts";
import { verifyDigest } from "../../images/digest.ts";
import type { Engine } from "../engine.ts";
import { blobPath } from "./blob-path.ts";

const READ_BYTES = 1024 * 1024;

/** The whole of a small blob, verified. NotFound, or DigestMismatchError for a damaged file. */
export async function readBlob(engine: Engine, digest: string): Promise<Buffer> {
  const bytes = await readFile(blobPath(engine.paths, digest)).catch((cause: unknown) => {
    throw new StatusError("NotFound", `no blob "${digest}"`, { cause });
  });
  verifyDigest(bytes, digest, `the stored blob "${digest}"`);
  return bytes;
}

/** The bytes of a large blob, unverified: whoever takes them compares a digest. */
export function streamBlob(engine: Engine, digest: string, start = 0): AsyncIterable<Buffer> {
  return createReadStream(blobPath(engine.paths, digest), { highWaterMark: READ_BYTES, start });
}
