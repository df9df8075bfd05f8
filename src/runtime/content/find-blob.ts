import { createHash } from "node:crypto";
import { rm, stat } from "node:fs/promises";
import type { Engine } from "../engine.ts";
import { blobPath } from "./blob-path.ts";
import { streamBlob } from "./read-blob.ts";

/** The blob's size where it is there; its bytes are not looked at. */
export async function findBlob(engine: Engine, digest: string): Promise<number | undefined> {
  const row = engine.database.read((db) =>
    db.prepare("SELECT size_bytes FROM blobs WHERE digest = ?").get(digest),
  );
  if (row === undefined) return undefined;
  const stats = await stat(blobPath(engine.paths, digest)).catch(() => undefined);
  return stats?.size === Number(row.size_bytes) ? stats.size : undefined;
}

/**
 * Whether the blob is there and is what its digest says; a damaged one is removed, to be fetched
 * anew. The caller holds the lock `blob:<digest>`.
 */
export async function hasBlob(engine: Engine, digest: string): Promise<boolean> {
  if ((await findBlob(engine, digest)) === undefined) return false;
  const hash = createHash("sha256");
  for await (const piece of streamBlob(engine, digest)) hash.update(piece);
  if (`sha256:${hash.digest("hex")}` === digest) return true;
  engine.log.warn("a stored blob is damaged and is fetched anew", { digest });
  await engine.database.write((db) => db.prepare("DELETE FROM blobs WHERE digest = ?").run(digest));
  await rm(blobPath(engine.paths, digest), { force: true });
  return false;
}
