import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { StatusError } from "../../errors/status-error.ts";
import type { Engine } from "../engine.ts";
import { findSnapshotRow, layerDirectory } from "./snapshot-store.ts";

/** What a snapshot itself takes on disk, without the layers below it. */
export interface SnapshotUsage {
  readonly sizeBytes: number;
  readonly inodes: number;
}

/** Counted on disk for a container's snapshot, remembered for a committed one. NotFound for neither. */
export async function snapshotUsage(engine: Engine, key: string): Promise<SnapshotUsage> {
  const snapshot = engine.database.read((db) => findSnapshotRow(db, key));
  if (snapshot === undefined) throw new StatusError("NotFound", `no snapshot "${key}"`);
  if (snapshot.sizeBytes !== undefined && snapshot.inodes !== undefined) {
    return { sizeBytes: snapshot.sizeBytes, inodes: snapshot.inodes };
  }
  return await measure(layerDirectory(engine.paths, snapshot.number), new Set());
}

/** Files vanish while they are counted: what is gone counts nothing. A hard link counts once. */
async function measure(directory: string, seen: Set<string>): Promise<SnapshotUsage> {
  let sizeBytes = 0;
  let inodes = 0;
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const path = join(directory, entry.name);
    const stats = await lstat(path).catch(() => undefined);
    if (stats === undefined) continue;
    const inode = `${stats.dev}:${stats.ino}`;
    if (stats.nlink > 1 && !entry.isDirectory()) {
      if (seen.has(inode)) continue;
      seen.add(inode);
    }
    sizeBytes += stats.blocks * 512;
    inodes += 1;
    if (!entry.isDirectory()) continue;
    const below = await measure(path, seen);
    sizeBytes += below.sizeBytes;
    inodes += below.inodes;
  }
  return { sizeBytes, inodes };
}
