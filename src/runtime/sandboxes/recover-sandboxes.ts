import { endPlugins } from "../cni/end-plugins.ts";
import type { Engine } from "../engine.ts";
import type { Intent } from "../state/intents.ts";
import { runAll } from "../undo-stack.ts";
import { removeLocked } from "./remove-sandbox.ts";
import type { Sandbox } from "./sandbox.ts";
import { SANDBOX_INTENTS } from "./sandbox-intents.ts";
import { deleteSandboxWithin, findSandbox } from "./sandbox-store.ts";
import { stopLocked } from "./stop-sandbox.ts";
import { deleteSandboxNetwork, removeSandboxFiles, unpinSandbox } from "./take-down.ts";

/**
 * Ends what processes that no longer live had begun: a pod half run is undone, a stop and a removal
 * are completed. What cannot be ended now is told to the log and tried again by the next recovery.
 */
export async function recoverSandboxes(engine: Engine): Promise<void> {
  for (const intent of engine.intents.listOrphaned(Object.values(SANDBOX_INTENTS))) {
    if (!(await engine.intents.claim(intent))) continue;
    try {
      await engine.locks.withLock(`pod:${intent.subject}`, {}, () => recover(engine, intent));
    } catch (error) {
      engine.log.warn(`could not end the ${intent.kind} of pod "${intent.subject}"`, {
        error: String(error),
      });
      await engine.intents.abandon(intent);
    }
  }
}

async function recover(engine: Engine, intent: Intent): Promise<void> {
  const sandbox = findSandbox(engine, intent.subject);
  if (sandbox === undefined) return await engine.intents.end(intent);
  if (sandbox.attachment !== undefined) await endPlugins(sandbox.id);
  if (intent.kind === SANDBOX_INTENTS.run) return await undoRun(engine, sandbox, intent);
  if (intent.kind === SANDBOX_INTENTS.stop) return await stopLocked(engine, sandbox);
  await removeLocked(engine, sandbox);
}

async function undoRun(engine: Engine, sandbox: Sandbox, intent: Intent): Promise<void> {
  await runAll([
    { name: "take the pod out of its network", undo: () => deleteSandboxNetwork(engine, sandbox) },
    { name: "unpin the pod's namespaces", undo: () => unpinSandbox(sandbox) },
    { name: "remove the pod's files", undo: () => removeSandboxFiles(sandbox) },
  ]);
  await engine.intents.end(intent, (db) => deleteSandboxWithin(db, sandbox.id));
}
