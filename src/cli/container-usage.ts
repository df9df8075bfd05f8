import type { ContainerStats } from "../cri/gen/runtime/v1/api.ts";
import { sleep } from "../host/sleep.ts";

/** What one container uses, from two samples. */
export interface ContainerUsage {
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

/** A runtime that collects its figures now and then may need longer than the interval. */
const MAX_WAIT_MS = 12_000;
const POLL_MS = 250;

/**
 * Two samples, the interval apart, by ID. Where a runtime answers the second time with the figures
 * of the first, it is asked again until they are new, for a while.
 */
export async function measureUsage(
  sample: () => Promise<readonly ContainerStats[]>,
  options: { readonly intervalMs: number; readonly signal: AbortSignal },
): Promise<readonly ContainerUsage[]> {
  const first = byId(await sample());
  await sleep(options.intervalMs, { signal: options.signal });
  let second = await sample();
  const giveUpAtMs = performance.now() + MAX_WAIT_MS;
  while (second.some((stats) => isSame(first, stats)) && performance.now() < giveUpAtMs) {
    await sleep(POLL_MS, { signal: options.signal });
    second = await sample();
  }
  return [...second]
    .sort((left, right) => (idOf(left) < idOf(right) ? -1 : 1))
    .map((stats) => toUsage(stats, first.get(idOf(stats))));
}

function byId(list: readonly ContainerStats[]): ReadonlyMap<string, ContainerStats> {
  return new Map(list.map((stats) => [idOf(stats), stats]));
}

function isSame(first: ReadonlyMap<string, ContainerStats>, stats: ContainerStats): boolean {
  const before = first.get(idOf(stats))?.cpu;
  const hasCpu = stats.cpu !== undefined && stats.cpu.timestamp > 0n;
  return hasCpu && before !== undefined && before.timestamp === stats.cpu?.timestamp;
}

function toUsage(stats: ContainerStats, before: ContainerStats | undefined): ContainerUsage {
  const { attributes, cpu, memory, writableLayer, swap } = stats;
  return {
    id: idOf(stats),
    name: attributes?.metadata?.name ?? "",
    cpuPercent: cpuPercent(stats, before),
    memoryBytes: memory?.workingSetBytes?.value ?? 0n,
    diskBytes: writableLayer?.usedBytes?.value ?? 0n,
    inodes: writableLayer?.inodesUsed?.value ?? 0n,
    swapBytes: swap?.swapUsageBytes?.value ?? 0n,
    hasFigures: (cpu?.timestamp ?? 0n) > 0n || (memory?.timestamp ?? 0n) > 0n,
  };
}

function cpuPercent(stats: ContainerStats, before: ContainerStats | undefined): number | undefined {
  const now = stats.cpu;
  const then = before?.cpu;
  const usedNow = now?.usageCoreNanoSeconds?.value;
  const usedThen = then?.usageCoreNanoSeconds?.value;
  if (now === undefined || then === undefined) return undefined;
  if (usedNow === undefined || usedThen === undefined) return undefined;
  const wallNs = now.timestamp - then.timestamp;
  // A container that was started anew counts from zero.
  if (wallNs <= 0n || usedNow < usedThen) return undefined;
  return (Number(usedNow - usedThen) / Number(wallNs)) * 100;
}

function idOf(stats: ContainerStats): string {
  return stats.attributes?.id ?? "";
}
