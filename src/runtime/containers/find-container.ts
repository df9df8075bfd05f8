import { StatusError } from "../../errors/status-error.ts";
import type { Engine } from "../engine.ts";
import type { ContainerRecord } from "./container-record.ts";
import { phaseOf } from "./container-state.ts";
import { findContainerRow, listContainerRows, resolveContainerId } from "./container-store.ts";
import { refreshContainer } from "./refresh-container.ts";

/** By full ID or unique prefix, as it is by now; undefined where there is none. */
export async function findContainer(
  engine: Engine,
  id: string,
): Promise<ContainerRecord | undefined> {
  const fullId = resolveContainerId(engine.database, id);
  const record = fullId && findContainerRow(engine.database, fullId);
  if (!record || phaseOf(record) === "creating") return undefined;
  return await refreshContainer(engine, record);
}

/** Like findContainer, but NotFound where there is none and InvalidArgument for an empty ID. */
export async function getContainer(engine: Engine, id: string): Promise<ContainerRecord> {
  if (id === "") throw new StatusError("InvalidArgument", "the container ID is empty");
  const record = await findContainer(engine, id);
  if (record === undefined) throw new StatusError("NotFound", `no container "${id}"`);
  return record;
}

/** All containers, or those of one pod (full ID), as they are by now; oldest first. */
export async function listContainers(
  engine: Engine,
  options: { sandboxId?: string; withUnfinished?: boolean } = {},
): Promise<ContainerRecord[]> {
  const refreshed: Promise<ContainerRecord>[] = [];
  for (const record of listContainerRows(engine.database, options.sandboxId)) {
    if (phaseOf(record) === "creating" && options.withUnfinished !== true) continue;
    refreshed.push(refreshContainer(engine, record));
  }
  return await Promise.all(refreshed);
}
