import type { DatabaseSync } from "node:sqlite";
import type { Engine } from "../engine.ts";
import { markRemoved, removeSnapshotFiles } from "./remove-snapshot.ts";
import { listSnapshotRows, type Snapshot } from "./snapshot-store.ts";

/**
 * Within a transaction: marks the committed snapshots that are not to be kept and have no children,
 * again and again until none is left, and returns their numbers and those that a removal which was
 * killed has marked before.
 */
export function forgetUnusedSnapshots(db: DatabaseSync, keep: ReadonlySet<string>): number[] {
  let rows = listSnapshotRows(db);
  const removed = rows.filter(isMarkedRemoved).map((row) => row.number);
  for (;;) {
    const parents = new Set(rows.map((row) => row.parentNumber));
    const unused = rows.filter(
      (row) => row.kind === "committed" && !keep.has(row.key) && !parents.has(row.number),
    );
    if (unused.length === 0) return removed;
    for (const snapshot of unused) markRemoved(db, snapshot);
    removed.push(...unused.map((row) => row.number));
    rows = rows.filter((row) => !unused.includes(row));
  }
}

/** Finishes removals, and undoes unpackings, that a process which no longer lives has left. */
export async function recoverSnapshots(engine: Engine): Promise<void> {
  const rows = engine.database.read(listSnapshotRows);
  await removeSnapshotFiles(
    engine,
    rows.filter(isMarkedRemoved).map((row) => row.number),
  );
  for (const row of rows.filter(({ key }) => key.startsWith("unpack:"))) {
    const chainId = row.key.slice("unpack:".length);
    await engine.locks.tryWithLock(`chain:${chainId}`, async () => {
      const isLeft = await engine.database.write((db) => {
        const present = listSnapshotRows(db).find((other) => other.number === row.number);
        if (present?.key !== row.key) return false;
        markRemoved(db, row);
        return true;
      });
      if (isLeft) await removeSnapshotFiles(engine, [row.number]);
    });
  }
}

function isMarkedRemoved(row: Snapshot): boolean {
  return row.key.startsWith("removed:");
}
