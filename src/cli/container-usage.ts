import type { ContainerStats } from "../cri/gen/runtime/v1/api.ts";
import { takeTwoSamples } from "./two-samples.ts";

/** What one container uses, from two samples. */
export interface ContainerUsage {
  /** As the runtime told them last. */
  readonly stats: ContainerStats;
  readonly id: string;
  readonly name: string;
  /** 100 is one core; undefined where the runtime did not measure twice. */
  readonly cpuPercent: number | undefined;
  readonly memoryBytes: bigint;
  readonly diskBytes: bigint;
  readonly inodes: bigint;
  readonly swapBytes: bigint;
  /** Whether the runtime tells anything of CPU or memory. */
  readonly hasFigures: boolean;
}

/** Two samples, the interval apart, by ID. */
export async function measureUsage(
  sample: () => Promise<readonly ContainerStats[]>,
  options: { readonly intervalMs: number; readonly signal: AbortSignal },
): Promise<readonly ContainerUsage[]> {
  const measured = await takeTwoSamples(sample, { ...options, idOf, cpuOf: ({ cpu }) => cpu });
  return measured.map(({ stats, cpuPercent }) => toContainerUsage(stats, cpuPercent));
}

export function toContainerUsage(
  stats: ContainerStats,
  cpuPercent: number | undefined,
): ContainerUsage {
  const { attributes, cpu, memory, writableLayer, swap } = stats;
  return {
    stats,
    id: idOf(stats),
    name: attributes?.metadata?.name ?? "",
    cpuPercent,
    memoryBytes: memory?.workingSetBytes?.value ?? 0n,
    diskBytes: writableLayer?.usedBytes?.value ?? 0n,
    inodes: writableLayer?.inodesUsed?.value ?? 0n,
    swapBytes: swap?.swapUsageBytes?.value ?? 0n,
    hasFigures: (cpu?.timestamp ?? 0n) > 0n || (memory?.timestamp ?? 0n) > 0n,
  };
}

function idOf(stats: ContainerStats): string {
  return stats.attributes?.id ?? "";
}
