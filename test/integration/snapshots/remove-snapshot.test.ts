import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { it } from "node:test";
import { prepareSnapshot } from "../../../src/runtime/snapshots/prepare-snapshot.ts";
import { removeSnapshot } from "../../../src/runtime/snapshots/remove-snapshot.ts";
import {
  findSnapshotRow,
  listSnapshotRows,
  snapshotDirectory,
} from "../../../src/runtime/snapshots/snapshot-store.ts";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { openTestEngine } from "../../support/open-test-engine.ts";

const cleanup = cleanupAfter();

it("a removal that ended between the files and the row is completed by the next", async () => {
  const engine = await openTestEngine(cleanup);
  await prepareSnapshot(engine, "container-1", "");
  const snapshot = engine.database.read((db) => findSnapshotRow(db, "container-1"));
  assert.ok(snapshot !== undefined);
  const directory = snapshotDirectory(engine.paths, snapshot.number);
  await writeFile(join(directory, "fs", "file"), "x");
  // What a removal leaves that was killed before its last step.
  await rm(directory, { recursive: true });
  await removeSnapshot(engine, "container-1");
  assert.deepEqual(engine.database.read(listSnapshotRows), []);
});

it("a removal takes files and row, and a second one finds nothing to do", async () => {
  const engine = await openTestEngine(cleanup);
  await prepareSnapshot(engine, "container-2", "");
  const snapshot = engine.database.read((db) => findSnapshotRow(db, "container-2"));
  assert.ok(snapshot !== undefined);
  await removeSnapshot(engine, "container-2");
  await removeSnapshot(engine, "container-2");
  assert.equal(existsSync(snapshotDirectory(engine.paths, snapshot.number)), false);
  assert.deepEqual(engine.database.read(listSnapshotRows), []);
});
