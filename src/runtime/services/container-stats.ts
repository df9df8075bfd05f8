import type {
  ContainerStats,
  ContainerStatsRequest,
  ContainerStatsResponse,
} from "../../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../../errors/status-error.ts";
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

/** ContainerStats: NotFound for an unknown container, FailedPrecondition for one that has ended. */
export async function containerStats(
  engine: Engine,
  request: ContainerStatsRequest,
): Promise<ContainerStatsResponse> {
  const record = await getContainer(engine, request.containerId);
  const stats = await readContainerStats(engine, record, readHierarchies());
  if (stats === undefined) {
    throw new StatusError("FailedPrecondition", `container "${record.id}" has exited`);
  }
  return { stats };
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
  const { metadata, labels, annotations } = record.config;
  const place = { mountpoint: engine.paths.snapshots, timestamp };
  return {
    attributes: { id: record.id, metadata, labels, annotations },
    cpu: toCpuUsage(figures, timestamp),
    memory: toMemoryUsage(figures, timestamp),
    writableLayer: toFilesystemUsage(await snapshotUsage(engine, record.id), place),
    swap: toSwapUsage(figures, timestamp),
    io: undefined,
  };
}
