import { digestOf } from "../../images/digest.ts";
import type { Engine } from "../engine.ts";
import { hasBlob } from "./find-blob.ts";
import { openIngest } from "./open-ingest.ts";

/** Stores a small blob under its own digest. Idempotent; returns the digest. */
export async function writeBlob(
  engine: Engine,
  bytes: Uint8Array,
  options: { signal?: AbortSignal } = {},
): Promise<string> {
  const digest = digestOf(bytes);
  await engine.locks.withLock(`blob:${digest}`, options, async () => {
    if (await hasBlob(engine, digest)) return;
    const ingest = await openIngest(engine, { digest, sizeBytes: bytes.length });
    try {
      for await (const _ of ingest.pass((offset) => once(bytes.subarray(offset))));
      await ingest.commit();
    } finally {
      await ingest.discard();
    }
  });
  return digest;
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
