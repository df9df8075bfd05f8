import { sleep } from "../../host/sleep.ts";
import { listContainerRows } from "../containers/container-store.ts";
import { recoverContainers } from "../containers/recover-containers.ts";
import { stopContainer } from "../containers/stop-container.ts";
import type { Engine } from "../engine.ts";
import { toStatusError } from "../host/errno-error.ts";
import { needsStop, type Sandbox } from "./sandbox.ts";
import { SANDBOX_INTENTS } from "./sandbox-intents.ts";
import { findSandbox, updateSandboxWithin } from "./sandbox-store.ts";
import { deleteSandboxNetwork, unpinSandbox } from "./take-down.ts";

/**
 * Stops a pod: its containers are killed, its addresses given back and its namespaces let go. What is
 * left can only be looked at and removed. Idempotent; an ID that nobody has is a stopped pod. What
 * cannot be taken down (a plugin that refuses) is an error, and the next stop tries again.
 */
export async function stopSandbox(
  engine: Engine,
  id: string,
  options: { signal?: AbortSignal } = {},
): Promise<void> {
  await engine.locks.withLock(`pod:${id}`, options, async () => {
    const sandbox = findSandbox(engine, id);
    if (sandbox !== undefined && needsStop(sandbox)) await stopLocked(engine, sandbox, options);
  });
}

/** The same, for a caller that holds the pod's lock. */
export async function stopLocked(
  engine: Engine,
  sandbox: Sandbox,
  options: { signal?: AbortSignal } = {},
): Promise<void> {
  const intent = { kind: SANDBOX_INTENTS.stop, subject: sandbox.id };
  await engine.intents.begin(intent, (db) =>
    updateSandboxWithin(db, sandbox.id, { phase: "stopping" }),
  );
  try {
    await stopContainers(engine, sandbox.id, options);
    await deleteSandboxNetwork(engine, sandbox);
    await unpinSandbox(sandbox);
  } catch (error) {
    await engine.intents.abandon(intent);
    throw toStatusError(error, `could not stop the pod "${sandbox.id}"`);
  }
  await engine.intents.end(intent, (db) =>
    updateSandboxWithin(db, sandbox.id, { phase: "stopped" }),
  );
}

const CREATION_POLL_MS = 15;
/** A creation takes a fraction of a second; one that takes this long is left to its own check. */
const CREATION_DEADLINE_MS = 30_000;

/** Kills what runs, all at once; containers whose creation had begun before the stop are waited for. */
async function stopContainers(
  engine: Engine,
  sandboxId: string,
  options: { signal?: AbortSignal },
): Promise<void> {
  const deadline = performance.now() + CREATION_DEADLINE_MS;
  const rows = () => listContainerRows(engine.database, sandboxId);
  while (rows().some((row) => !row.isCreated) && performance.now() < deadline) {
    await recoverContainers(engine);
    if (rows().some((row) => !row.isCreated)) await sleep(CREATION_POLL_MS, options);
  }
  const results = await Promise.allSettled(
    rows().map((row) => stopContainer(engine, row.id, { graceMs: 0, ...options })),
  );
  const failed = results.find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}
