import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Engine } from "../engine.ts";
import type { Intent } from "../state/intents.ts";
import { findContainerRow, updateContainer } from "./container-store.ts";
import { undoCreation } from "./create-container.ts";
import { EXEC_KIND, endOrphanedExec } from "./exec-intent.ts";
import { finishRemoval } from "./remove-container.ts";

const KINDS = ["container-create", "container-start", "container-remove", EXEC_KIND];

/**
 * Ends what processes that no longer live had begun: half-made containers are undone, removals
 * completed, starts looked at, commands that nobody waits for any more killed. Cheap when there is nothing. Never throws: what cannot be ended now
 * is left to the next.
 */
export async function recoverContainers(engine: Engine): Promise<void> {
  for (const intent of engine.intents.listOrphaned(KINDS)) {
    if (!(await engine.intents.claim(intent))) continue;
    try {
      await recover(engine, intent);
    } catch (error) {
      engine.log.warn(`cannot end ${intent.kind}`, {
        subject: intent.subject,
        error: String(error),
      });
      await engine.intents.abandon(intent);
    }
  }
}

async function recover(engine: Engine, intent: Intent): Promise<void> {
  if (intent.kind === EXEC_KIND) {
    await endOrphanedExec(engine, intent);
    return;
  }
  const record = findContainerRow(engine.database, intent.subject);
  if (record === undefined) {
    await engine.intents.end(intent);
    return;
  }
  if (intent.kind === "container-create") {
    await undoCreation(engine, record);
  } else if (intent.kind === "container-remove") {
    await finishRemoval(engine, record);
  } else {
    const started = { ...record, startedAtNs: intent.createdAtNs };
    const hasStarted = wasStarted(engine, record.id);
    await engine.intents.end(intent, (db) => {
      if (hasStarted) updateContainer(db, started);
    });
  }
}

/** runc keeps a fifo at which the container waits for its start, and removes it then. */
function wasStarted(engine: Engine, containerId: string): boolean {
  const state = join(engine.paths.runc, containerId);
  return existsSync(state) && !existsSync(join(state, "exec.fifo"));
}
