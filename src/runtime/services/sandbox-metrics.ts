import type {
  ListMetricDescriptorsResponse,
  ListPodSandboxMetricsResponse,
  PodSandboxMetrics,
  StreamPodSandboxMetricsResponse,
} from "../../cri/gen/runtime/v1/api.ts";
import { hasCode } from "../../errors/status-error.ts";
import { type Hierarchies, readHierarchies } from "../cgroups/hierarchies.ts";
import type { ContainerRecord } from "../containers/container-record.ts";
import { listContainers } from "../containers/find-container.ts";
import type { Engine } from "../engine.ts";
import { isReady, type Sandbox } from "../sandboxes/sandbox.ts";
import { listSandboxes } from "../sandboxes/sandbox-store.ts";
import { createMetricList } from "../stats/metric-list.ts";
import { BASE_LABELS, METRICS } from "../stats/metric-table.ts";
import type { DirectionCounters } from "../stats/network-counters.ts";
import { readNetworkCounters } from "../stats/read-network-usage.ts";
import { readContainerMetrics } from "./container-metrics.ts";
import { processInside } from "./process-inside.ts";

const SECOND_NS = 1_000_000_000n;
/** How a pod itself is called among its containers. */
const POD = "POD";

/** ListMetricDescriptors. */
export function listMetricDescriptors(): ListMetricDescriptorsResponse {
  const descriptors = Object.entries(METRICS).map(([name, { help, labels }]) => ({
    name,
    help,
    labelKeys: [...BASE_LABELS, ...labels],
  }));
  return { descriptors };
}

/** ListPodSandboxMetrics: of the pods that are ready, and of what runs in them. */
export async function listPodSandboxMetrics(
  engine: Engine,
): Promise<ListPodSandboxMetricsResponse> {
  const podMetrics: PodSandboxMetrics[] = [];
  for await (const metrics of eachPod(engine)) podMetrics.push(metrics);
  return { podMetrics };
}

/** StreamPodSandboxMetrics: one message per pod. */
export async function* streamPodSandboxMetrics(
  engine: Engine,
): AsyncGenerator<StreamPodSandboxMetricsResponse> {
  for await (const metrics of eachPod(engine)) yield { podSandboxMetrics: [metrics] };
}

async function* eachPod(engine: Engine): AsyncGenerator<PodSandboxMetrics> {
  const hierarchies = readHierarchies();
  for (const pod of listSandboxes(engine)) {
    if (isReady(pod, engine.self.bootId)) yield await metricsOf(engine, pod, hierarchies);
  }
}

async function metricsOf(
  engine: Engine,
  pod: Sandbox,
  hierarchies: Hierarchies,
): Promise<PodSandboxMetrics> {
  const records = await listContainers(engine, { sandboxId: pod.id });
  const containers = await Promise.all(
    records.map((record) =>
      readContainerMetrics(engine, record, { pod: pod.config, hierarchies }).catch(unlessGone),
    ),
  );
  return {
    podSandboxId: pod.id,
    metrics: podMetrics(engine, pod, records),
    containerMetrics: containers.filter((one) => one !== undefined),
  };
}

/** A container that was removed while it was measured has none. */
function unlessGone(error: unknown): undefined {
  if (!hasCode(error, "NotFound")) throw error;
}

/** What the containers of a pod share: its network. */
function podMetrics(engine: Engine, pod: Sandbox, records: readonly ContainerRecord[]) {
  const { name = "", namespace = "" } = pod.config.metadata ?? {};
  const timestamp = engine.now();
  const base = [POD, pod.cgroupPath, "", pod.id, namespace, name];
  const { metrics, add } = createMetricList(base, timestamp);
  add("container_last_seen", timestamp / SECOND_NS);
  const pid = processInside(pod, records);
  const isOwn = pod.namespaces.network !== undefined;
  const devices = isOwn && pid !== undefined ? (readNetworkCounters(pid) ?? []) : [];
  for (const { name: device, received, sent } of devices) {
    const addAll = (direction: "receive" | "transmit", counters: DirectionCounters) => {
      add(`container_network_${direction}_bytes_total`, counters.bytes, device);
      add(`container_network_${direction}_packets_total`, counters.packets, device);
      add(`container_network_${direction}_packets_dropped_total`, counters.dropped, device);
      add(`container_network_${direction}_errors_total`, counters.errors, device);
    };
    addAll("receive", received);
    addAll("transmit", sent);
  }
  return metrics;
}
