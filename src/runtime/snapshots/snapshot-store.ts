/**
 * The room `snapshots`: overlay directories. A committed snapshot is one layer, read-only, keyed by
 * its chain ID and shared by all images and containers; an active one is a container's upper and
 * work directory, keyed by the container's ID. Both lie under a short number of their own, since
 * mount options end at one page. `parent` points to the snapshot below.
 *
 * While a layer is unpacked its snapshot is active under `unpack:<chain ID>` (the lock
 * `chain:<chain ID>` tells whether somebody still is at it); while a layer's files are being removed it
 * is active under `removed:<number>`. Neither key is ever found by its chain ID. A snapshot with
 * children is never removed. Knows nothing of images or containers.
 */
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import type { RuntimePaths } from "../paths.ts";

export interface Snapshot {
  readonly number: number;
  /** Chain ID or container ID. */
  readonly key: string;
  readonly parentNumber: number | undefined;
  readonly kind: "active" | "committed";
  /** Known of committed snapshots. */
  readonly sizeBytes: number | undefined;
  readonly inodes: number | undefined;
}

export function findSnapshotRow(db: DatabaseSync, key: string): Snapshot | undefined {
  return toSnapshot(db.prepare("SELECT * FROM snapshots WHERE key = ?").get(key));
}

function findSnapshotByNumber(db: DatabaseSync, number: number): Snapshot | undefined {
  return toSnapshot(db.prepare("SELECT * FROM snapshots WHERE number = ?").get(number));
}

export function insertSnapshot(
  db: DatabaseSync,
  key: string,
  parentNumber: number | undefined,
): Snapshot {
  const row = db
    .prepare("INSERT INTO snapshots (key, parent_number, kind) VALUES (?, ?, 'active') RETURNING *")
    .get(key, parentNumber ?? null);
  const snapshot = toSnapshot(row);
  if (snapshot === undefined) throw new Error("INSERT returned no row");
  return snapshot;
}

/** The committed snapshots below, nearest first. */
export function listAncestors(db: DatabaseSync, snapshot: Snapshot): Snapshot[] {
  const ancestors: Snapshot[] = [];
  let number = snapshot.parentNumber;
  while (number !== undefined) {
    const parent = findSnapshotByNumber(db, number);
    if (parent === undefined) break;
    ancestors.push(parent);
    number = parent.parentNumber;
  }
  return ancestors;
}

export function listSnapshotRows(db: DatabaseSync): Snapshot[] {
  return db
    .prepare("SELECT * FROM snapshots ORDER BY number")
    .all()
    .flatMap((row) => toSnapshot(row) ?? []);
}

export function snapshotDirectory(paths: RuntimePaths, number: number): string {
  return join(paths.snapshots, String(number));
}

/** The layer itself, or the upper directory of an active snapshot. */
export function layerDirectory(paths: RuntimePaths, number: number): string {
  return join(snapshotDirectory(paths, number), "fs");
}

export function workDirectory(paths: RuntimePaths, number: number): string {
  return join(snapshotDirectory(paths, number), "work");
}

function toSnapshot(row: Record<string, unknown> | undefined): Snapshot | undefined {
  if (row === undefined) return undefined;
  const optional = (value: unknown) => (value === null ? undefined : Number(value));
  return {
    number: Number(row.number),
    key: String(row.key),
    parentNumber: optional(row.parent_number),
    kind: row.kind === "committed" ? "committed" : "active",
    sizeBytes: optional(row.size_bytes),
    inodes: optional(row.inodes),
  };
}
