import { rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Engine } from "../engine.ts";
import type { ContainerRecord } from "./container-record.ts";
import { phaseOf } from "./container-state.ts";
import { deleteContainer, findContainerRow } from "./container-store.ts";
import { removeEffects } from "./remove-effects.ts";
import { stopContainer } from "./stop-container.ts";

const KIND = "container-remove";

/**
 * Removes the container (full ID) in whatever state it is; a running one is killed. Its log stays
 * with the pod that named it. Idempotent: an unknown ID is no error.
 */
export async function removeContainer(
  engine: Engine,
  id: string,
  options: { signal?: AbortSignal } = {},
): Promise<void> {
  if (findContainerRow(engine.database, id) === undefined) return;
  await engine.locks.withLock(`container:${id}`, options, async () => {
    const record = findContainerRow(engine.database, id);
    if (record === undefined) return;
    const phase = phaseOf(record);
    if (phase === "created" || phase === "running") {
      await stopContainer(engine, id, { graceMs: 0 });
    }
    await engine.intents.begin({ kind: KIND, subject: id });
    await finishRemoval(engine, record);
  });
}

/** The effects and the outcome; recovery calls it for a removal that was killed. Idempotent. */
export async function finishRemoval(engine: Engine, record: ContainerRecord): Promise<void> {
  await removeEffects(engine, record, { isUnfinished: phaseOf(record) === "creating" });
  if (record.logPath.startsWith(join(engine.paths.logs, "/"))) {
    await rm(record.logPath, { force: true });
    // The directory of the pod's logs goes with the last of them.
    await rmdir(dirname(record.logPath)).catch(() => {});
  }
  await engine.intents.end({ kind: KIND, subject: record.id }, (db) =>
    deleteContainer(db, record.id),
  );
}
