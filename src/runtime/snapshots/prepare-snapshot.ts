import { chmod, chown, mkdir, stat, statfs } from "node:fs/promises";
import { StatusError } from "../../errors/status-error.ts";
import type { Engine } from "../engine.ts";
import { isOutOfSpace } from "../host/errno-error.ts";
import { removeTree } from "./remove-tree.ts";
import {
  findSnapshotRow,
  insertSnapshot,
  layerDirectory,
  type Snapshot,
  snapshotDirectory,
  workDirectory,
} from "./snapshot-store.ts";

/** statfs(2)'s number for overlay, which cannot be the upper directory of another. */
const OVERLAYFS_MAGIC = 0x794c7630;

/**
 * Makes the writable snapshot of a container on top of a committed one (an empty chain ID stands for
 * no layers). AlreadyExists when the key is taken, NotFound when the parent is gone, FailedPrecondition
 * where the root directory cannot hold an upper directory. Leaves nothing on failure.
 */
export async function prepareSnapshot(
  engine: Engine,
  key: string,
  parentChainId: string,
): Promise<Snapshot> {
  await refuseOverlay(engine.paths.snapshots);
  const { snapshot, parent } = await engine.database.write((db) => {
    const below = parentChainId === "" ? undefined : findSnapshotRow(db, parentChainId);
    if (parentChainId !== "" && below?.kind !== "committed") {
      throw new StatusError("NotFound", `no snapshot of the layers "${parentChainId}"`);
    }
    if (findSnapshotRow(db, key) !== undefined) {
      throw new StatusError("AlreadyExists", `a snapshot "${key}" exists already`);
    }
    return { snapshot: insertSnapshot(db, key, below?.number), parent: below };
  });
  try {
    await makeDirectories(engine, snapshot, parent);
    return snapshot;
  } catch (cause) {
    await removeTree(snapshotDirectory(engine.paths, snapshot.number));
    await engine.database.write((db) =>
      db.prepare("DELETE FROM snapshots WHERE number = ?").run(snapshot.number),
    );
    throw toPrepareError(key, cause);
  }
}

async function makeDirectories(
  engine: Engine,
  snapshot: Snapshot,
  parent: Snapshot | undefined,
): Promise<void> {
  const upper = layerDirectory(engine.paths, snapshot.number);
  // The number was never used before; what lies there is the rest of an older database.
  await removeTree(snapshotDirectory(engine.paths, snapshot.number));
  await mkdir(upper, { recursive: true, mode: 0o755 });
  await mkdir(workDirectory(engine.paths, snapshot.number), { mode: 0o711 });
  await chmod(upper, 0o755);
  if (parent === undefined) {
    await mkdir(emptyLowerDirectory(engine, snapshot.number), { mode: 0o755 });
    return;
  }
  // The upper directory's own mode is what the container sees of "/".
  const root = await stat(layerDirectory(engine.paths, parent.number));
  await chown(upper, root.uid, root.gid);
  await chmod(upper, root.mode & 0o7777);
}

/** Overlay wants a lower directory also where an image has no layers. */
export function emptyLowerDirectory(engine: Engine, number: number): string {
  return `${snapshotDirectory(engine.paths, number)}/lower`;
}

async function refuseOverlay(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const { type } = await statfs(directory);
  if (type !== OVERLAYFS_MAGIC) return;
  throw new StatusError(
    "FailedPrecondition",
    `"${directory}" lies on overlay, which cannot hold the root file systems of containers`,
    { hint: "name a directory on another file system with CRISH_ROOT" },
  );
}

function toPrepareError(key: string, cause: unknown): StatusError {
  return isOutOfSpace(cause)
    ? new StatusError("ResourceExhausted", `no space left for the snapshot "${key}"`, { cause })
    : new StatusError("Internal", `could not prepare the snapshot "${key}"`, { cause });
}
