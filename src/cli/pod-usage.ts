import type { PodSandboxStats } from "../cri/gen/runtime/v1/api.ts";
import { takeTwoSamples } from "./two-samples.ts";

/** What one pod uses, from two samples. */
export interface PodUsage {
  /** The second sample. */
  readonly stats: PodSandboxStats;
  readonly id: string;
  readonly name: string;
  readonly namespace: string;
  /** 100 is one core; undefined where the runtime did not measure twice. */
  readonly cpuPercent: number | undefined;
  readonly memoryBytes: bigint;
  /** Undefined where the runtime does not tell: of a pod in the node's network. */
  readonly receivedBytes: bigint | undefined;
  readonly sentBytes: bigint | undefined;
  readonly processes: bigint | undefined;
  /** Whether the runtime tells anything of CPU or memory. */
  readonly hasFigures: boolean;
}

/** Two samples, the interval apart, by ID. */
export async function measurePods(
  sample: () => Promise<readonly PodSandboxStats[]>,
  options: { readonly intervalMs: number; readonly signal: AbortSignal },
): Promise<readonly PodUsage[]> {
  const cpuOf = (stats: PodSandboxStats) => figuresOf(stats)?.cpu;
  const measured = await takeTwoSamples(sample, { ...options, idOf, cpuOf });
  return measured.map(({ stats, cpuPercent }) => toPodUsage(stats, cpuPercent));
}

export function toPodUsage(stats: PodSandboxStats, cpuPercent: number | undefined): PodUsage {
  const { metadata } = stats.attributes ?? {};
  const { cpu, memory, network, process } = figuresOf(stats) ?? {};
  return {
    stats,
    id: idOf(stats),
    name: metadata?.name ?? "",
    namespace: metadata?.namespace ?? "",
    cpuPercent,
    memoryBytes: memory?.workingSetBytes?.value ?? 0n,
    receivedBytes: network?.defaultInterface?.rxBytes?.value,
    sentBytes: network?.defaultInterface?.txBytes?.value,
    processes: process?.processCount?.value,
    hasFigures: (cpu?.timestamp ?? 0n) > 0n || (memory?.timestamp ?? 0n) > 0n,
  };
}

/** A pod has figures of the one system or of the other. */
function figuresOf({ linux, windows }: PodSandboxStats) {
  return linux ?? windows;
}

function idOf(stats: PodSandboxStats): string {
  return stats.attributes?.id ?? "";
}
