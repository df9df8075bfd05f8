import type {
  ContainerStats,
  ContainerStatsRequest,
  ContainerStatsResponse,
} from "../../cri/gen/runtime/v1/api.ts";
import { type Hierarchies, readHierarchies } from "../cgroups/hierarchies.ts";
import { readCgroupStats } from "../cgroups/read-cgroup-stats.ts";
import type { ContainerRecord } from "../containers/container-record.ts";
import { phaseOf } from "../containers/container-state.ts";
import { getContainer } from "../containers/find-container.ts";
import type { Engine } from "../engine.ts";
import { snapshotUsage } from "../snapshots/snapshot-usage.ts";
import {
  toCpuUsage,
  toFilesystemUsage,
  toMemoryUsage,
  toSwapUsage,
} from "../stats/usage-messages.ts";

/** ContainerStats: of one that has ended only what it has written. NotFound for an unknown container. */
export async function containerStats(
  engine: Engine,
  request: ContainerStatsRequest,
): Promise<ContainerStatsResponse> {
  const record = await getContainer(engine, request.containerId);
  const stats = await readContainerStats(engine, record, readHierarchies());
  if (stats !== undefined) return { stats };
  const none = { cpu: undefined, memory: undefined, swap: undefined, io: undefined };
  return { stats: { ...(await readFixed(engine, record, engine.now())), ...none } };
}

/** Undefined where the container has ended. */
export async function readContainerStats(
  engine: Engine,
  record: ContainerRecord,
  hierarchies: Hierarchies,
): Promise<ContainerStats | undefined> {
  if (phaseOf(record) === "exited") return undefined;
  const timestamp = engine.now();
  const figures = readCgroupStats(record.cgroupPath, hierarchies);
  if (figures === undefined) return undefined;
  return {
    ...(await readFixed(engine, record, timestamp)),
    cpu: toCpuUsage(figures, timestamp),
    memory: toMemoryUsage(figures, timestamp),
    swap: toSwapUsage(figures, timestamp),
    io: undefined,
  };
}

/** What a container has whether it runs or not. */
async function readFixed(
  engine: Engine,
  { id, config: { metadata, labels, annotations } }: ContainerRecord,
  timestamp: bigint,
): Promise<Pick<ContainerStats, "attributes" | "writableLayer">> {
  const place = { mountpoint: engine.paths.snapshots, timestamp };
  return {
    attributes: { id, metadata, labels, annotations },
    writableLayer: toFilesystemUsage(await snapshotUsage(engine, id), place),
  };
}
