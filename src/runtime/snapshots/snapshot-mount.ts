import { StatusError } from "../../errors/status-error.ts";
import type { Engine } from "../engine.ts";
import { emptyLowerDirectory } from "./prepare-snapshot.ts";
import { findSnapshotRow, layerDirectory, listAncestors, workDirectory } from "./snapshot-store.ts";

export interface SnapshotMount {
  /** Nearest first, as overlay wants them. */
  readonly lowerDirs: readonly string[];
  /** Both undefined for a committed snapshot: a read-only view. */
  readonly upperDir: string | undefined;
  readonly workDir: string | undefined;
}

/** The directories that an overlay mount of the snapshot is made of. NotFound for an unknown key. */
export function snapshotMount(engine: Engine, key: string): SnapshotMount {
  const { snapshot, ancestors } = engine.database.read((db) => {
    const found = findSnapshotRow(db, key);
    if (found === undefined) throw new StatusError("NotFound", `no snapshot "${key}"`);
    return { snapshot: found, ancestors: listAncestors(db, found) };
  });
  const lowerDirs = ancestors.map(({ number }) => layerDirectory(engine.paths, number));
  const own = layerDirectory(engine.paths, snapshot.number);
  if (snapshot.kind === "committed") {
    return { lowerDirs: [own, ...lowerDirs], upperDir: undefined, workDir: undefined };
  }
  if (lowerDirs.length === 0) lowerDirs.push(emptyLowerDirectory(engine, snapshot.number));
  return { lowerDirs, upperDir: own, workDir: workDirectory(engine.paths, snapshot.number) };
}
