import { readlinkSync } from "node:fs";
import { statfs } from "node:fs/promises";
import type { ContainerMetrics, PodSandboxConfig } from "../../cri/gen/runtime/v1/api.ts";
import type { Hierarchies } from "../cgroups/hierarchies.ts";
import { listCgroupProcesses } from "../cgroups/list-cgroup-processes.ts";
import { type CgroupMetrics, readCgroupMetrics } from "../cgroups/read-cgroup-metrics.ts";
import { type CgroupStats, readCgroupStats } from "../cgroups/read-cgroup-stats.ts";
import type { ContainerRecord } from "../containers/container-record.ts";
import { phaseOf } from "../containers/container-state.ts";
import type { Engine } from "../engine.ts";
import { snapshotUsage } from "../snapshots/snapshot-usage.ts";
import { createMetricList, type MetricList } from "../stats/metric-list.ts";
import { readOpenFilesLimit, readProcessFigures } from "../stats/process-figures.ts";

const SECOND_NS = 1_000_000_000n;
const SECOND_US = 1_000_000n;

/** The metrics of a container; undefined where it does not run. */
export async function readContainerMetrics(
  engine: Engine,
  record: ContainerRecord,
  options: { readonly pod: PodSandboxConfig; readonly hierarchies: Hierarchies },
): Promise<ContainerMetrics | undefined> {
  const { hierarchies, pod } = options;
  if (phaseOf(record) !== "running") return undefined;
  const usage = readCgroupStats(record.cgroupPath, hierarchies);
  if (usage === undefined) return undefined;
  const timestamp = engine.now();
  const list = createMetricList(labelsOf(record, pod), timestamp);
  const figures = readCgroupMetrics(record.cgroupPath, hierarchies);
  addCpu(list, usage, figures);
  addMemory(list, usage, figures);
  addDevices(list, figures);
  addPressure(list, figures);
  addProcesses(list, { record, usage, figures, hierarchies });
  addSpecification(list, record);
  await addFilesystem(list, engine, record);
  list.add("container_last_seen", timestamp / SECOND_NS);
  return { containerId: record.id, metrics: list.metrics };
}

/** In the order of BASE_LABELS. */
function labelsOf({ id, config, cgroupPath }: ContainerRecord, pod: PodSandboxConfig): string[] {
  const { name: podName = "", namespace = "" } = pod.metadata ?? {};
  const image = config.image?.userSpecifiedImage || config.image?.image || "";
  return [config.metadata?.name ?? "", cgroupPath, image, id, namespace, podName];
}

function addCpu({ add }: MetricList, usage: CgroupStats, figures: CgroupMetrics): void {
  add("container_cpu_usage_seconds_total", usage.cpuUsageNs / SECOND_NS, "total");
  add("container_cpu_user_seconds_total", figures.cpuUserNs / SECOND_NS);
  add("container_cpu_system_seconds_total", figures.cpuSystemNs / SECOND_NS);
  add("container_cpu_cfs_periods_total", figures.cfsPeriods);
  add("container_cpu_cfs_throttled_periods_total", figures.cfsThrottledPeriods);
  add("container_cpu_cfs_throttled_seconds_total", figures.cfsThrottledNs / SECOND_NS);
}

function addMemory({ add }: MetricList, usage: CgroupStats, figures: CgroupMetrics): void {
  add("container_memory_usage_bytes", usage.memoryUsageBytes);
  add("container_memory_working_set_bytes", usage.workingSetBytes);
  add("container_memory_rss", usage.rssBytes);
  add("container_memory_swap", usage.swapUsageBytes ?? 0n);
  add("container_memory_cache", figures.cacheBytes);
  add("container_memory_kernel_usage", figures.kernelBytes);
  add("container_memory_mapped_file", figures.mappedFileBytes);
  add("container_memory_max_usage_bytes", figures.maxUsageBytes);
  add("container_memory_failcnt", figures.limitHits);
  add("container_memory_failures_total", figures.ownPageFaults, "pgfault", "container");
  add("container_memory_failures_total", usage.pageFaults, "pgfault", "hierarchy");
  add("container_memory_failures_total", figures.ownMajorPageFaults, "pgmajfault", "container");
  add("container_memory_failures_total", usage.majorPageFaults, "pgmajfault", "hierarchy");
  add("container_oom_events_total", figures.oomKills);
  for (const { pageSize, usageBytes, maxUsageBytes } of figures.hugePages) {
    add("container_hugetlb_usage_bytes", usageBytes, pageSize);
    add("container_hugetlb_max_usage_bytes", maxUsageBytes, pageSize);
  }
}

function addDevices({ add }: MetricList, { devices }: CgroupMetrics): void {
  for (const { major, minor, readBytes, writeBytes, reads, writes } of devices) {
    const device = deviceName(major, minor);
    const numbered = [device, major, minor] as const;
    add("container_blkio_device_usage_total", readBytes, ...numbered, "Read");
    add("container_blkio_device_usage_total", writeBytes, ...numbered, "Write");
    add("container_fs_reads_bytes_total", readBytes, device);
    add("container_fs_reads_total", reads, device);
    add("container_fs_writes_bytes_total", writeBytes, device);
    add("container_fs_writes_total", writes, device);
  }
}

function addPressure({ add }: MetricList, { pressure }: CgroupMetrics): void {
  if (pressure === undefined) return;
  for (const what of ["cpu", "io", "memory"] as const) {
    const { waitingUs, stalledUs } = pressure[what];
    add(`container_pressure_${what}_waiting_seconds_total`, waitingUs / SECOND_US);
    add(`container_pressure_${what}_stalled_seconds_total`, stalledUs / SECOND_US);
  }
}

interface ProcessFacts {
  readonly record: ContainerRecord;
  readonly usage: CgroupStats;
  readonly figures: CgroupMetrics;
  readonly hierarchies: Hierarchies;
}

function addProcesses({ add }: MetricList, facts: ProcessFacts): void {
  const { record, usage, figures, hierarchies } = facts;
  const open = readProcessFigures(listCgroupProcesses(record.cgroupPath, hierarchies));
  add("container_processes", usage.processCount);
  add("container_threads", figures.threads);
  add("container_threads_max", figures.threadsLimit);
  add("container_file_descriptors", open.fileDescriptors);
  add("container_sockets", open.sockets);
  const files = record.init && readOpenFilesLimit(record.init.pid);
  if (files !== undefined) add("container_ulimits_soft", files, "max_open_files");
}

function addSpecification({ add }: MetricList, { config, startedAtNs }: ContainerRecord): void {
  const limits = config.linux?.resources;
  const limit = (value: bigint | undefined) => (value === undefined || value < 0n ? 0n : value);
  add("container_spec_cpu_period", limit(limits?.cpuPeriod));
  add("container_spec_cpu_quota", limit(limits?.cpuQuota));
  add("container_spec_cpu_shares", limit(limits?.cpuShares));
  add("container_spec_memory_limit_bytes", limit(limits?.memoryLimitInBytes));
  add("container_spec_memory_swap_limit_bytes", limit(limits?.memorySwapLimitInBytes));
  const reserved = limits?.unified["memory.min"] ?? "0";
  const isNumber = /^\d+$/.test(reserved);
  add("container_spec_memory_reservation_limit_bytes", isNumber ? BigInt(reserved) : 0n);
  add("container_start_time_seconds", (startedAtNs ?? 0n) / SECOND_NS);
}

async function addFilesystem(
  { add }: MetricList,
  engine: Engine,
  { id }: ContainerRecord,
): Promise<void> {
  const [usage, system] = await Promise.all([
    snapshotUsage(engine, id),
    statfs(engine.paths.snapshots, { bigint: true }),
  ]);
  add("container_fs_usage_bytes", usage.sizeBytes);
  add("container_fs_limit_bytes", system.blocks * system.bsize);
  add("container_fs_inodes_total", system.files);
  add("container_fs_inodes_free", system.ffree);
}

/** As in `/dev/sda`; the numbers where the node has no name for it. */
function deviceName(major: string, minor: string): string {
  try {
    const target = readlinkSync(`/sys/dev/block/${major}:${minor}`);
    return `/dev/${target.slice(target.lastIndexOf("/") + 1)}`;
  } catch {
    return `${major}:${minor}`;
  }
}
