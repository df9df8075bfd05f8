import { chmod, mkdir } from "node:fs/promises";
import { StatusError } from "../../errors/status-error.ts";
import { failpoint } from "../../host/failpoint.ts";
import type { Engine } from "../engine.ts";
import { isOutOfSpace } from "../host/errno-error.ts";
import { removeTree } from "./remove-tree.ts";
import {
  findSnapshotRow,
  insertSnapshot,
  layerDirectory,
  listAncestors,
  type Snapshot,
  snapshotDirectory,
} from "./snapshot-store.ts";

/** A committed snapshot by its chain ID. */
export function findCommitted(engine: Engine, chainId: string): Snapshot | undefined {
  const snapshot = engine.database.read((db) => findSnapshotRow(db, chainId));
  return snapshot?.kind === "committed" ? snapshot : undefined;
}

/** A snapshot that is being filled. The caller holds the lock `chain:<chain ID>` all along. */
export interface Unpacking {
  /** Empty; the layer is applied to it. */
  readonly directory: string;
  /** Layers below, nearest first. Call when the parent is committed. */
  lowerDirs(): string[];
  /** Makes it findable under its chain ID. */
  commit(layer: { sizeBytes: number; inodes: number; withoutParent: boolean }): Promise<void>;
  /** Removes it. Idempotent; does nothing after commit. */
  discard(): Promise<void>;
}

/** Begins the snapshot of a layer; the parent need not be committed yet (empty: no parent). */
export async function beginUnpacking(
  engine: Engine,
  chain: { chainId: string; parentChainId: string },
): Promise<Unpacking> {
  const key = `unpack:${chain.chainId}`;
  await removeLeftover(engine, key);
  const snapshot = await engine.database.write((db) =>
    insertSnapshot(db, key, findSnapshotRow(db, chain.parentChainId)?.number),
  );
  const directory = layerDirectory(engine.paths, snapshot.number);
  try {
    await removeTree(snapshotDirectory(engine.paths, snapshot.number));
    await mkdir(directory, { recursive: true, mode: 0o755 });
    await chmod(directory, 0o755);
  } catch (cause) {
    await removeLeftover(engine, key);
    const isFull = isOutOfSpace(cause);
    throw new StatusError(
      isFull ? "ResourceExhausted" : "Internal",
      isFull ? "no space left for the layers of images" : `could not create "${directory}"`,
      { cause },
    );
  }
  let isOpen = true;
  return {
    directory,
    lowerDirs: () =>
      engine.database.read((db) => {
        const parent = findSnapshotRow(db, chain.parentChainId);
        const below = parent === undefined ? [] : [parent, ...listAncestors(db, parent)];
        return below.map(({ number }) => layerDirectory(engine.paths, number));
      }),
    async commit(layer) {
      failpoint("unpack:outcome");
      await engine.database.write((db) => {
        const parent = findSnapshotRow(db, chain.parentChainId);
        if (chain.parentChainId !== "" && parent?.kind !== "committed") {
          throw new StatusError("Aborted", `the layers "${chain.parentChainId}" are gone`);
        }
        const parentNumber = layer.withoutParent ? null : (parent?.number ?? null);
        db.prepare(
          `UPDATE snapshots SET key = ?, kind = 'committed', parent_number = ?, size_bytes = ?, inodes = ?
           WHERE number = ?`,
        ).run(chain.chainId, parentNumber, layer.sizeBytes, layer.inodes, snapshot.number);
      });
      isOpen = false;
    },
    async discard() {
      if (!isOpen) return;
      isOpen = false;
      await removeLeftover(engine, key);
    },
  };
}

/** Files first: on a full disk the database needs the room they take. Nobody else knows the key. */
async function removeLeftover(engine: Engine, key: string): Promise<void> {
  const left = engine.database.read((db) => findSnapshotRow(db, key));
  if (left === undefined) return;
  await removeTree(snapshotDirectory(engine.paths, left.number));
  await engine.database.write((db) =>
    db.prepare("DELETE FROM snapshots WHERE number = ? AND key = ?").run(left.number, key),
  );
}
