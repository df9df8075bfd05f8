/**
 * The metrics of pods and containers by the names that the kubelet's cAdvisor gives them, so that
 * dashboards and alerts stay as they are.
 * Specification: CRI v1, MetricDescriptor; kubelet, /metrics/cadvisor.
 */
import { MetricType } from "../../cri/gen/runtime/v1/api.ts";

export interface MetricFacts {
  readonly type: MetricType;
  readonly help: string;
  /** Behind those that all metrics have. */
  readonly labels: readonly string[];
}

/** Of every metric; a pod's own have no image and the container POD. */
export const BASE_LABELS: readonly string[] = [
  "container",
  "id",
  "image",
  "name",
  "namespace",
  "pod",
];

export const METRICS = {
  container_blkio_device_usage_total: counter("bytes moved to and from a block device", [
    "device",
    "major",
    "minor",
    "operation",
  ]),
  container_cpu_cfs_periods_total: counter("periods in which the CPU quota was counted"),
  container_cpu_cfs_throttled_periods_total: counter("periods in which the CPU quota ran out"),
  container_cpu_cfs_throttled_seconds_total: counter("time spent waiting for the next CPU quota"),
  container_cpu_system_seconds_total: counter("CPU time spent in the kernel"),
  container_cpu_usage_seconds_total: counter("CPU time", ["cpu"]),
  container_cpu_user_seconds_total: counter("CPU time spent outside of the kernel"),
  container_file_descriptors: gauge("open file descriptors of all processes"),
  container_fs_inodes_free: gauge("free inodes of the file system below the container's layer"),
  container_fs_inodes_total: gauge("inodes of the file system below the container's layer"),
  container_fs_limit_bytes: gauge("size of the file system below the container's layer"),
  container_fs_reads_bytes_total: counter("bytes read from a device", ["device"]),
  container_fs_reads_total: counter("reads from a device", ["device"]),
  container_fs_usage_bytes: gauge("bytes in the container's own layer"),
  container_fs_writes_bytes_total: counter("bytes written to a device", ["device"]),
  container_fs_writes_total: counter("writes to a device", ["device"]),
  container_hugetlb_max_usage_bytes: gauge("most memory in huge pages so far", ["pagesize"]),
  container_hugetlb_usage_bytes: gauge("memory in huge pages", ["pagesize"]),
  container_last_seen: gauge("when the figures were taken, in seconds since 1970"),
  container_memory_cache: gauge("bytes of file pages"),
  container_memory_failcnt: counter("times that the memory limit was hit"),
  container_memory_failures_total: counter("page faults", ["failure_type", "scope"]),
  container_memory_kernel_usage: gauge("bytes that the kernel holds for the container"),
  container_memory_mapped_file: gauge("bytes of mapped files"),
  container_memory_max_usage_bytes: gauge("most memory in use so far"),
  container_memory_rss: gauge("bytes of anonymous memory"),
  container_memory_swap: gauge("bytes in swap"),
  container_memory_usage_bytes: gauge("memory in use, file pages included"),
  container_memory_working_set_bytes: gauge("memory in use that cannot be dropped at once"),
  container_network_receive_bytes_total: counter("bytes received", ["interface"]),
  container_network_receive_errors_total: counter("errors while receiving", ["interface"]),
  container_network_receive_packets_dropped_total: counter("packets dropped while receiving", [
    "interface",
  ]),
  container_network_receive_packets_total: counter("packets received", ["interface"]),
  container_network_transmit_bytes_total: counter("bytes sent", ["interface"]),
  container_network_transmit_errors_total: counter("errors while sending", ["interface"]),
  container_network_transmit_packets_dropped_total: counter("packets dropped while sending", [
    "interface",
  ]),
  container_network_transmit_packets_total: counter("packets sent", ["interface"]),
  container_oom_events_total: counter("processes killed for lack of memory"),
  container_pressure_cpu_stalled_seconds_total: counter("time in which nothing could get a CPU"),
  container_pressure_cpu_waiting_seconds_total: counter("time in which something waited for a CPU"),
  container_pressure_io_stalled_seconds_total: counter("time in which all waited for a device"),
  container_pressure_io_waiting_seconds_total: counter("time in which something waited for one"),
  container_pressure_memory_stalled_seconds_total: counter("time in which all waited for memory"),
  container_pressure_memory_waiting_seconds_total: counter("time in which something waited for it"),
  container_processes: gauge("processes"),
  container_sockets: gauge("open sockets of all processes"),
  container_spec_cpu_period: gauge("length of a CPU period, in microseconds"),
  container_spec_cpu_quota: gauge("CPU time of each period, in microseconds; 0 is no limit"),
  container_spec_cpu_shares: gauge("weight of the CPU time against others"),
  container_spec_memory_limit_bytes: gauge("limit of memory; 0 is none"),
  container_spec_memory_reservation_limit_bytes: gauge("memory that is kept for it; 0 is none"),
  container_spec_memory_swap_limit_bytes: gauge("limit of memory and swap together; 0 is none"),
  container_start_time_seconds: gauge("when it was started, in seconds since 1970"),
  container_threads: gauge("threads of all processes"),
  container_threads_max: gauge("limit of threads; 0 is none"),
  container_ulimits_soft: gauge("soft limit of the first process; the largest number is none", [
    "ulimit",
  ]),
} as const satisfies Record<string, MetricFacts>;

export type MetricName = keyof typeof METRICS;

function counter(help: string, labels: readonly string[] = []): MetricFacts {
  return { type: MetricType.COUNTER, help, labels };
}

function gauge(help: string, labels: readonly string[] = []): MetricFacts {
  return { type: MetricType.GAUGE, help, labels };
}
