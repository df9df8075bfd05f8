/**
 * Figures of pods and containers in CRI's messages, from what their cgroups and network devices
 * count. Mechanism only: it is told which cgroup is meant.
 * Specification: CRI v1, ContainerStats and LinuxPodSandboxStats.
 */
import type {
  CpuUsage,
  FilesystemUsage,
  MemoryUsage,
  SwapUsage,
  UInt64Value,
} from "../../cri/gen/runtime/v1/api.ts";

/** The kernel's figures of one cgroup. */
export interface UsageFigures {
  readonly cpuUsageNs: bigint;
  readonly memoryUsageBytes: bigint;
  readonly workingSetBytes: bigint;
  readonly rssBytes: bigint;
  readonly memoryLimitBytes: bigint | undefined;
  readonly pageFaults: bigint;
  readonly majorPageFaults: bigint;
  readonly swapUsageBytes: bigint | undefined;
  readonly swapLimitBytes: bigint | undefined;
}

/** Rates need two samples, which the client takes. */
export function toCpuUsage(figures: UsageFigures, timestamp: bigint): CpuUsage {
  return {
    timestamp,
    usageCoreNanoSeconds: { value: figures.cpuUsageNs },
    usageNanoCores: undefined,
    psi: undefined,
  };
}

export function toMemoryUsage(figures: UsageFigures, timestamp: bigint): MemoryUsage {
  const { memoryLimitBytes: limit, workingSetBytes } = figures;
  return {
    timestamp,
    workingSetBytes: { value: workingSetBytes },
    availableBytes: limit === undefined ? undefined : difference(limit, workingSetBytes),
    usageBytes: { value: figures.memoryUsageBytes },
    rssBytes: { value: figures.rssBytes },
    pageFaults: { value: figures.pageFaults },
    majorPageFaults: { value: figures.majorPageFaults },
    psi: undefined,
  };
}

/** Undefined where the kernel does not count swap. */
export function toSwapUsage(figures: UsageFigures, timestamp: bigint): SwapUsage | undefined {
  const { swapUsageBytes: used, swapLimitBytes: limit } = figures;
  if (used === undefined) return undefined;
  return {
    timestamp,
    swapUsageBytes: { value: used },
    swapAvailableBytes: limit === undefined ? undefined : difference(limit, used),
  };
}

export function toFilesystemUsage(
  usage: { sizeBytes: number; inodes: number },
  place: { mountpoint: string; timestamp: bigint },
): FilesystemUsage {
  return {
    timestamp: place.timestamp,
    fsId: { mountpoint: place.mountpoint },
    usedBytes: { value: BigInt(usage.sizeBytes) },
    inodesUsed: { value: BigInt(usage.inodes) },
  };
}

function difference(limit: bigint, used: bigint): UInt64Value {
  return { value: limit > used ? limit - used : 0n };
}
