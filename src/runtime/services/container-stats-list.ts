import type {
  ContainerStats,
  ContainerStatsFilter,
  ListContainerStatsRequest,
  ListContainerStatsResponse,
  StreamContainerStatsRequest,
  StreamContainerStatsResponse,
} from "../../cri/gen/runtime/v1/api.ts";
import { readHierarchies } from "../cgroups/hierarchies.ts";
import type { ContainerRecord } from "../containers/container-record.ts";
import { listContainers } from "../containers/find-container.ts";
import type { Engine } from "../engine.ts";
import { readContainerStats } from "./container-stats.ts";
import { matchLabels } from "./match-labels.ts";

/** ListContainerStats: of the containers that have not ended. */
export async function listContainerStats(
  engine: Engine,
  request: ListContainerStatsRequest,
): Promise<ListContainerStatsResponse> {
  return { stats: await listMatching(engine, request.filter) };
}

/** StreamContainerStats: one message per container. */
export async function* streamContainerStats(
  engine: Engine,
  request: StreamContainerStatsRequest,
): AsyncGenerator<StreamContainerStatsResponse> {
  for (const stats of await listMatching(engine, request.filter)) yield { containerStats: [stats] };
}

async function listMatching(
  engine: Engine,
  filter: ContainerStatsFilter | undefined,
): Promise<ContainerStats[]> {
  const hierarchies = readHierarchies();
  const records = (await listContainers(engine)).filter((record) => matches(record, filter));
  const stats = await Promise.all(
    records.map((record) => readContainerStats(engine, record, hierarchies)),
  );
  return stats.filter((one) => one !== undefined);
}

function matches(record: ContainerRecord, filter: ContainerStatsFilter | undefined): boolean {
  if (filter === undefined) return true;
  return (
    record.id.startsWith(filter.id) &&
    record.sandboxId.startsWith(filter.podSandboxId) &&
    matchLabels(record.config.labels, filter.labelSelector)
  );
}
