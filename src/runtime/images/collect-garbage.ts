import type { DatabaseSync } from "node:sqlite";
import { hasCode } from "../../errors/status-error.ts";
import { isAlive } from "../../host/process-identity.ts";
import { toChainIds } from "../../images/digest.ts";
import { removeUnnamedIngests } from "../content/ingest-unnamed.ts";
import {
  forgetUnusedBlobs,
  removeBlobFiles,
  removeStaleIngests,
  removeUnknownBlobFiles,
  removeUnusedBlobFiles,
} from "../content/remove-unused-blobs.ts";
import type { Engine } from "../engine.ts";
import { removeSnapshotFiles } from "../snapshots/remove-snapshot.ts";
import { forgetUnusedSnapshots, recoverSnapshots } from "../snapshots/remove-unused-snapshots.ts";
import { listImageRows } from "./image-store.ts";

/**
 * Intents under which blobs and layers are made before an image refers to them, or read although the
 * image may go meanwhile.
 */
export type HoldingKind = (typeof HOLDING)[number];
const HOLDING = ["image-pull", "image-load", "image-save", "image-push"] as const;

/**
 * Removes the blobs and snapshots that no image, and no snapshot above, needs. Does nothing while
 * somebody pulls, loads, saves or pushes: what they made so far looks the same as garbage, and they
 * collect at their own end. Idempotent.
 */
export async function collectGarbage(engine: Engine): Promise<void> {
  const garbage = await engine.database.write((db) => {
    if (livingHolders(db) > 0) return { snapshots: [], blobs: [] };
    const keep = new Set(
      listImageRows(db).flatMap((image) => toChainIds(image.config.rootfs.diff_ids)),
    );
    return { snapshots: forgetUnusedSnapshots(db, keep), blobs: forgetUnusedBlobs(db) };
  });
  await removeSnapshotFiles(engine, garbage.snapshots);
  await removeBlobFiles(engine, garbage.blobs);
}

/**
 * Ends the intent of a pull or load that failed. On a full disk even that needs room: the files of
 * blobs that no image refers to give it, before their rows go.
 */
export async function endFailed(
  engine: Engine,
  intent: { kind: string; subject: string },
): Promise<void> {
  try {
    await engine.intents.end(intent);
  } catch (error) {
    if (!hasCode(error, "ResourceExhausted")) throw error;
    if (engine.database.read((db) => livingHolders(db)) <= 1) await removeUnusedBlobFiles(engine);
    await engine.intents.end(intent);
  }
}

/** Undoes or completes what processes that no longer live have left. Cheap where there is nothing. */
export async function recoverImages(engine: Engine): Promise<void> {
  const orphaned = engine.intents.listOrphaned([...HOLDING, "image-remove"]);
  if (orphaned.length === 0) return;
  const claimed = [];
  for (const intent of orphaned) if (await engine.intents.claim(intent)) claimed.push(intent);
  if (claimed.length === 0) return;
  engine.log.debug("undoing pulls and removals that were cut short", { count: claimed.length });
  // The claimed ones are ours now and would count as somebody who makes images.
  for (const intent of claimed) await engine.intents.abandon(intent);
  await recoverSnapshots(engine);
  await collectGarbage(engine);
  await removeUnknownBlobFiles(engine);
  await removeStaleIngests(engine);
  for (const intent of claimed) {
    await removeUnnamedIngests(engine, intent.subject);
    await engine.intents.end(intent);
  }
}

function livingHolders(db: DatabaseSync): number {
  return db
    .prepare("SELECT kind, pid, start_time, boot_id FROM intents")
    .all()
    .filter((row) => HOLDING.some((kind) => kind === row.kind))
    .filter((row) =>
      isAlive({
        pid: Number(row.pid),
        startTime: Number(row.start_time),
        bootId: String(row.boot_id),
      }),
    ).length;
}
