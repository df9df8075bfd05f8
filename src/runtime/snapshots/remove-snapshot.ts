import type { DatabaseSync } from "node:sqlite";
import type { Engine } from "../engine.ts";
import { removeTree } from "./remove-tree.ts";
import { findSnapshotRow, type Snapshot, snapshotDirectory } from "./snapshot-store.ts";

/**
 * Removes a container's snapshot and its files; the caller has unmounted it. The row goes last and
 * keeps its key until then, so that a removal which was killed is completed by calling this again.
 * Idempotent: an unknown key is no error.
 */
export async function removeSnapshot(engine: Engine, key: string): Promise<void> {
  const snapshot = engine.database.read((db) => findSnapshotRow(db, key));
  if (snapshot === undefined) return;
  await removeTree(snapshotDirectory(engine.paths, snapshot.number));
  await engine.database.write((db) => db.prepare("DELETE FROM snapshots WHERE key = ?").run(key));
}

/** Within a transaction: nothing finds the snapshot from now on. */
export function markRemoved(db: DatabaseSync, snapshot: Snapshot): void {
  db.prepare(
    "UPDATE snapshots SET key = 'removed:' || number, kind = 'active', parent_number = NULL WHERE number = ?",
  ).run(snapshot.number);
}

/** After it: removes the files, then the rows. */
export async function removeSnapshotFiles(
  engine: Engine,
  numbers: readonly number[],
): Promise<void> {
  for (const number of numbers) {
    await removeTree(snapshotDirectory(engine.paths, number));
    await engine.database.write((db) =>
      db.prepare("DELETE FROM snapshots WHERE number = ? AND key LIKE 'removed:%'").run(number),
    );
  }
}
