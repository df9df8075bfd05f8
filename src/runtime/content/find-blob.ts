import { stat } from "node:fs/promises";
import type { Engine } from "../engine.ts";
import { blobPath } from "./blob-path.ts";

/** The blob's size where it is there; marks it as used. */
export async function findBlob(engine: Engine, digest: string): Promise<number | undefined> {
  const row = engine.database.read((db) =>
    db.prepare("SELECT size_bytes FROM blobs WHERE digest = ?").get(digest),
  );
  if (row === undefined) return undefined;
  const stats = await stat(blobPath(engine.paths, digest)).catch(() => undefined);
  return stats?.size === Number(row.size_bytes) ? stats.size : undefined;
}
