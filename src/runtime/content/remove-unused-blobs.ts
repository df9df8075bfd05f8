import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import type { Engine } from "../engine.ts";
import { blobDirectory, blobPath, ingestDirectory } from "./blob-path.ts";

/** An ingest that nobody continues within this time is forgotten. */
const INGEST_LIFETIME_MS = 24 * 3600 * 1000;

/** Within a transaction: forgets the blobs that no image refers to and returns their digests. */
export function forgetUnusedBlobs(db: DatabaseSync): string[] {
  const rows = db
    .prepare(
      `DELETE FROM blobs WHERE digest NOT IN (SELECT digest FROM image_blobs) RETURNING digest`,
    )
    .all();
  return rows.map((row) => String(row.digest));
}

/** After it: removes the files, but for those that somebody has fetched anew in the meantime. */
export async function removeBlobFiles(engine: Engine, digests: readonly string[]): Promise<void> {
  for (const digest of digests) {
    if (isKnown(engine, digest)) continue;
    await engine.locks.tryWithLock(`blob:${digest}`, async () => {
      if (!isKnown(engine, digest)) await rm(blobPath(engine.paths, digest), { force: true });
    });
  }
}

/** Removes the files alone: a blob whose file is gone counts as absent. Nobody else may be storing blobs. */
export async function removeUnusedBlobFiles(engine: Engine): Promise<void> {
  const rows = engine.database.read((db) =>
    db
      .prepare("SELECT digest FROM blobs WHERE digest NOT IN (SELECT digest FROM image_blobs)")
      .all(),
  );
  for (const row of rows) await rm(blobPath(engine.paths, String(row.digest)), { force: true });
}

/** Removes files that were renamed into place by a process killed before it wrote their row. */
export async function removeUnknownBlobFiles(engine: Engine): Promise<void> {
  const names = await readdir(blobDirectory(engine.paths)).catch(() => []);
  await removeBlobFiles(
    engine,
    names.map((name) => `sha256:${name}`),
  );
}

/** Removes ingests that are too old to be continued. */
export async function removeStaleIngests(engine: Engine): Promise<void> {
  const directory = ingestDirectory(engine.paths);
  const names = await readdir(directory).catch(() => []);
  for (const name of names) {
    const path = join(directory, name);
    const stats = await stat(path).catch(() => undefined);
    if (stats === undefined || Date.now() - stats.mtimeMs < INGEST_LIFETIME_MS) continue;
    await engine.locks.tryWithLock(`blob:sha256:${name}`, () => rm(path, { force: true }));
  }
}

function isKnown(engine: Engine, digest: string): boolean {
  const row = engine.database.read((db) =>
    db.prepare("SELECT 1 FROM blobs WHERE digest = ?").get(digest),
  );
  return row !== undefined;
}
