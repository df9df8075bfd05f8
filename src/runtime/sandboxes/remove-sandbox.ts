import { rm } from "node:fs/promises";
import { join } from "node:path";
import { listContainerRows } from "../containers/container-store.ts";
import { removeContainer } from "../containers/remove-container.ts";
import type { Engine } from "../engine.ts";
import { toStatusError } from "../host/errno-error.ts";
import { needsStop, type Sandbox } from "./sandbox.ts";
import { SANDBOX_INTENTS } from "./sandbox-intents.ts";
import { deleteSandboxWithin, findSandbox, updateSandboxWithin } from "./sandbox-store.ts";
import { stopLocked } from "./stop-sandbox.ts";
import { removeSandboxFiles } from "./take-down.ts";

/**
 * Removes a pod with its containers; one that still runs is stopped first. Idempotent; an ID that
 * nobody has is a removed pod.
 */
export async function removeSandbox(
  engine: Engine,
  id: string,
  options: { signal?: AbortSignal } = {},
): Promise<void> {
  await engine.locks.withLock(`pod:${id}`, options, async () => {
    const sandbox = findSandbox(engine, id);
    if (sandbox !== undefined) await removeLocked(engine, sandbox, options);
  });
}

/** The same, for a caller that holds the pod's lock. */
export async function removeLocked(
  engine: Engine,
  sandbox: Sandbox,
  options: { signal?: AbortSignal } = {},
): Promise<void> {
  if (needsStop(sandbox)) await stopLocked(engine, sandbox, options);
  const intent = { kind: SANDBOX_INTENTS.remove, subject: sandbox.id };
  await engine.intents.begin(intent, (db) =>
    updateSandboxWithin(db, sandbox.id, { phase: "removing" }),
  );
  try {
    const containers = listContainerRows(engine.database, sandbox.id);
    for (const { id } of containers) await removeContainer(engine, id, options);
    await rm(join(engine.paths.logs, sandbox.id), { recursive: true, force: true });
    await removeSandboxFiles(sandbox);
  } catch (error) {
    await engine.intents.abandon(intent);
    throw toStatusError(error, `could not remove the pod "${sandbox.id}"`);
  }
  await engine.intents.end(intent, (db) => deleteSandboxWithin(db, sandbox.id));
}
