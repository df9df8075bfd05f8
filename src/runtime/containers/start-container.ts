import { isAlive } from "../../host/process-identity.ts";
import type { Engine } from "../engine.ts";
import { openStartFifo } from "../oci/open-start-fifo.ts";
import { callRunc } from "../oci/runc.ts";
import { shimFiles } from "../shim/shim-files.ts";
import type { ContainerRecord } from "./container-record.ts";
import { assertCanStart } from "./container-state.ts";
import { updateContainer } from "./container-store.ts";
import { getContainer } from "./find-container.ts";
import { getRuntime } from "./runtime-handler.ts";

const KIND = "container-start";

/**
 * Lets the container's program run. FailedPrecondition unless it is CREATED, NotFound for an unknown
 * ID, OciRuntimeError where the program cannot be run.
 */
export async function startContainer(
  engine: Engine,
  id: string,
  options: { signal?: AbortSignal } = {},
): Promise<ContainerRecord> {
  const found = await getContainer(engine, id);
  return await engine.locks.withLock(`container:${found.id}`, options, async () => {
    const record = await getContainer(engine, found.id);
    assertCanStart(record);
    const intent = { kind: KIND, subject: record.id };
    await engine.intents.begin(intent);
    try {
      // A short program may have ended before runc returns: its start must not lie after its end.
      const startedAtNs = engine.now();
      await startProgram(engine, record);
      const started = { ...record, startedAtNs };
      await engine.intents.end(intent, (db) => updateContainer(db, started));
      return started;
    } catch (error) {
      await engine.intents.end(intent);
      throw error;
    }
  });
}

async function startProgram(engine: Engine, record: ContainerRecord): Promise<void> {
  const runtime = getRuntime(engine, record.runtimeHandler);
  const isInitAlive = () => record.init !== undefined && isAlive(record.init);
  if (await openStartFifo(runtime.root, record.id, isInitAlive)) return;
  await callRunc(runtime, ["start", record.id], {
    action: `cannot start container "${record.id}"`,
    logDirectory: shimFiles(engine.paths, record.id).bundle,
  });
}
