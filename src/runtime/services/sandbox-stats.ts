import type {
  ListPodSandboxStatsRequest,
  ListPodSandboxStatsResponse,
  PodSandboxStats,
  PodSandboxStatsFilter,
  PodSandboxStatsRequest,
  PodSandboxStatsResponse,
  StreamPodSandboxStatsRequest,
  StreamPodSandboxStatsResponse,
} from "../../cri/gen/runtime/v1/api.ts";
import { type Hierarchies, readHierarchies } from "../cgroups/hierarchies.ts";
import { readCgroupStats } from "../cgroups/read-cgroup-stats.ts";
import { listContainers } from "../containers/find-container.ts";
import type { Engine } from "../engine.ts";
import { isReady, type Sandbox } from "../sandboxes/sandbox.ts";
import { getSandbox, listSandboxes, resolveSandboxId } from "../sandboxes/sandbox-store.ts";
import { readNetworkUsage } from "../stats/read-network-usage.ts";
import { toCpuUsage, toMemoryUsage } from "../stats/usage-messages.ts";
import { readContainerStats } from "./container-stats.ts";
import { matchLabels } from "./match-labels.ts";
import { processInside } from "./process-inside.ts";

/** PodSandboxStats: NotFound for an unknown pod. */
export async function podSandboxStats(
  engine: Engine,
  request: PodSandboxStatsRequest,
): Promise<PodSandboxStatsResponse> {
  const id = resolveSandboxId(engine, request.podSandboxId) ?? request.podSandboxId;
  return { stats: await readStats(engine, getSandbox(engine, id), readHierarchies()) };
}

/** ListPodSandboxStats: of the pods that are ready. */
export async function listPodSandboxStats(
  engine: Engine,
  request: ListPodSandboxStatsRequest,
): Promise<ListPodSandboxStatsResponse> {
  return { stats: await listMatching(engine, request.filter) };
}

/** StreamPodSandboxStats: one message per pod. */
export async function* streamPodSandboxStats(
  engine: Engine,
  request: StreamPodSandboxStatsRequest,
): AsyncGenerator<StreamPodSandboxStatsResponse> {
  for (const stats of await listMatching(engine, request.filter)) {
    yield { podSandboxStats: [stats] };
  }
}

async function listMatching(
  engine: Engine,
  filter: PodSandboxStatsFilter | undefined,
): Promise<PodSandboxStats[]> {
  const hierarchies = readHierarchies();
  const pods = listSandboxes(engine).filter(
    (pod) =>
      isReady(pod, engine.self.bootId) &&
      pod.id.startsWith(filter?.id ?? "") &&
      matchLabels(pod.config.labels, filter?.labelSelector),
  );
  return await Promise.all(pods.map((pod) => readStats(engine, pod, hierarchies)));
}

async function readStats(
  engine: Engine,
  pod: Sandbox,
  hierarchies: Hierarchies,
): Promise<PodSandboxStats> {
  const { metadata, labels, annotations } = pod.config;
  const timestamp = engine.now();
  const figures = readCgroupStats(pod.cgroupPath, hierarchies);
  const records = await listContainers(engine, { sandboxId: pod.id });
  const containers = await Promise.all(
    records.map((record) => readContainerStats(engine, record, hierarchies)),
  );
  const pid = processInside(pod, records);
  const network = pod.namespaces.network && pid && readNetworkUsage(pid, timestamp);
  return {
    attributes: { id: pod.id, metadata, labels, annotations },
    linux: {
      cpu: figures && toCpuUsage(figures, timestamp),
      memory: figures && toMemoryUsage(figures, timestamp),
      network: network || undefined,
      process: figures && { timestamp, processCount: { value: BigInt(figures.processCount) } },
      containers: containers.filter((one) => one !== undefined),
      io: undefined,
    },
    windows: undefined,
  };
}
