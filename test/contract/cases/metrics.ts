import assert from "node:assert/strict";
import type { Metric, PodSandboxMetrics } from "../../../src/cri/gen/runtime/v1/api.ts";
import { contractCase } from "../contract-case.ts";
import type { World } from "../world.ts";

/** What the kubelet's own cAdvisor has; devices and pressure only where the node has them. */
const ALWAYS = [
  "container_cpu_cfs_periods_total",
  "container_cpu_cfs_throttled_periods_total",
  "container_cpu_cfs_throttled_seconds_total",
  "container_cpu_system_seconds_total",
  "container_cpu_usage_seconds_total",
  "container_cpu_user_seconds_total",
  "container_file_descriptors",
  "container_fs_inodes_free",
  "container_fs_inodes_total",
  "container_fs_limit_bytes",
  "container_fs_usage_bytes",
  "container_last_seen",
  "container_memory_cache",
  "container_memory_failcnt",
  "container_memory_failures_total",
  "container_memory_kernel_usage",
  "container_memory_mapped_file",
  "container_memory_max_usage_bytes",
  "container_memory_rss",
  "container_memory_swap",
  "container_memory_usage_bytes",
  "container_memory_working_set_bytes",
  "container_network_receive_bytes_total",
  "container_network_receive_errors_total",
  "container_network_receive_packets_dropped_total",
  "container_network_receive_packets_total",
  "container_network_transmit_bytes_total",
  "container_network_transmit_errors_total",
  "container_network_transmit_packets_dropped_total",
  "container_network_transmit_packets_total",
  "container_oom_events_total",
  "container_processes",
  "container_sockets",
  "container_spec_cpu_period",
  "container_spec_cpu_quota",
  "container_spec_cpu_shares",
  "container_spec_memory_limit_bytes",
  "container_spec_memory_reservation_limit_bytes",
  "container_spec_memory_swap_limit_bytes",
  "container_start_time_seconds",
  "container_threads",
  "container_threads_max",
  "container_ulimits_soft",
];
const ALL_METRICS = 56;

export const metricsCases = [
  contractCase(
    "listMetricDescriptors",
    ["success", "repetition"],
    "names cAdvisor's metrics with help and labels, the same each time",
    async (world) => {
      const { descriptors } = await world.runtime.listMetricDescriptors({});
      assert.equal(descriptors.length, ALL_METRICS);
      for (const { name, help, labelKeys } of descriptors) {
        assert.ok(help !== "" && labelKeys.length > 0, name);
        assert.equal(new Set(labelKeys).size, labelKeys.length, name);
      }
      const names = new Set(descriptors.map(({ name }) => name));
      for (const name of ALWAYS) assert.ok(names.has(name), name);
      assert.deepEqual((await world.runtime.listMetricDescriptors({})).descriptors, descriptors);
    },
  ),
  contractCase(
    "listPodSandboxMetrics",
    ["success"],
    "has a value of each metric for a running pod, with the labels of its descriptor",
    async (world) => {
      const { pod, id } = await world.sharedContainer();
      const metrics = await metricsOf(world, pod.id);
      const own = metrics?.containerMetrics.find(({ containerId }) => containerId === id);
      const values = [...(metrics?.metrics ?? []), ...(own?.metrics ?? [])];
      const names = new Set(values.map(({ name }) => name));
      for (const name of ALWAYS) assert.ok(names.has(name), name);
      const { descriptors } = await world.runtime.listMetricDescriptors({});
      for (const value of values) {
        const descriptor = descriptors.find(({ name }) => name === value.name);
        assert.equal(value.labelValues.length, descriptor?.labelKeys.length, value.name);
        assert.ok(value.timestamp > 0n && value.value !== undefined, value.name);
      }
      const name = pod.config.metadata?.name ?? "";
      assert.ok(values.every(({ labelValues }) => labelValues.includes(name)));
      assert.ok(figureOf(values, "container_memory_usage_bytes") > 0n);
      assert.ok(figureOf(values, "container_processes") >= 1n);
      assert.ok(figureOf(values, "container_threads") >= 1n);
      assert.ok(figureOf(values, "container_file_descriptors") >= 3n);
      const startedAt = Number(figureOf(values, "container_start_time_seconds"));
      assert.ok(Math.abs(Date.now() / 1000 - startedAt) < 3600, `${startedAt}`);
    },
  ),
  contractCase("listPodSandboxMetrics", ["repetition"], "counters never go back", async (world) => {
    const { pod } = await world.sharedContainer();
    const faults = async () =>
      figureOf(
        (await metricsOf(world, pod.id))?.containerMetrics.flatMap(({ metrics }) => metrics) ?? [],
        "container_memory_failures_total",
      );
    const first = await faults();
    assert.ok((await faults()) >= first);
  }),
  contractCase("listPodSandboxMetrics", [], "a stopped pod has none", async (world) => {
    const pod = await world.runPod();
    assert.ok((await metricsOf(world, pod.id)) !== undefined);
    await world.runtime.stopPodSandbox({ podSandboxId: pod.id });
    assert.equal(await metricsOf(world, pod.id), undefined);
  }),
  contractCase(
    "streamPodSandboxMetrics",
    ["success", "repetition"],
    "has the pods that the list has, each time",
    async (world) => {
      const { pod } = await world.sharedContainer();
      for (let time = 0; time < 2; time++) {
        const found: string[] = [];
        for await (const part of world.runtime.streamPodSandboxMetrics({})) {
          found.push(...part.podSandboxMetrics.map(({ podSandboxId }) => podSandboxId));
        }
        assert.equal(found.filter((id) => id === pod.id).length, 1);
      }
    },
  ),
];

async function metricsOf(world: World, id: string): Promise<PodSandboxMetrics | undefined> {
  const { podMetrics } = await world.runtime.listPodSandboxMetrics({});
  return podMetrics.find(({ podSandboxId }) => podSandboxId === id);
}

function figureOf(values: readonly Metric[], wanted: string): bigint {
  return values.find(({ name }) => name === wanted)?.value?.value ?? -1n;
}
