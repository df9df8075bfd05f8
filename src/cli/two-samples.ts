import type { UInt64Value } from "../cri/gen/runtime/v1/api.ts";
import { sleep } from "../host/sleep.ts";

/** CPU time used up to a moment: of Linux and of Windows. */
export interface CpuSample {
  readonly timestamp: bigint;
  readonly usageCoreNanoSeconds: UInt64Value | undefined;
}

export interface Measured<Stats> {
  readonly stats: Stats;
  /** 100 is one core; undefined where the runtime did not measure twice. */
  readonly cpuPercent: number | undefined;
}

export interface SampleOptions<Stats> {
  readonly intervalMs: number;
  readonly signal: AbortSignal;
  idOf(stats: Stats): string;
  cpuOf(stats: Stats): CpuSample | undefined;
}

/** A runtime that collects its figures now and then may need longer than the interval. */
const MAX_WAIT_MS = 12_000;
const POLL_MS = 250;

/**
 * Two samples, the interval apart, by ID. Where a runtime answers the second time with the figures
 * of the first, it is asked again until they are new, for a while.
 */
export async function takeTwoSamples<Stats>(
  sample: () => Promise<readonly Stats[]>,
  options: SampleOptions<Stats>,
): Promise<readonly Measured<Stats>[]> {
  const { intervalMs, signal, idOf, cpuOf } = options;
  const first = new Map((await sample()).map((stats) => [idOf(stats), cpuOf(stats)]));
  const isOld = (stats: Stats) => {
    const cpu = cpuOf(stats);
    const hasCpu = cpu !== undefined && cpu.timestamp > 0n;
    return hasCpu && first.get(idOf(stats))?.timestamp === cpu.timestamp;
  };
  await sleep(intervalMs, { signal });
  let second = await sample();
  const giveUpAtMs = performance.now() + MAX_WAIT_MS;
  while (second.some(isOld) && performance.now() < giveUpAtMs) {
    await sleep(POLL_MS, { signal });
    second = await sample();
  }
  return [...second]
    .sort((left, right) => (idOf(left) < idOf(right) ? -1 : 1))
    .map((stats) => ({ stats, cpuPercent: cpuPercent(cpuOf(stats), first.get(idOf(stats))) }));
}

/** 100 is one core; undefined where the two moments do not tell. */
export function cpuPercent(
  now: CpuSample | undefined,
  then: CpuSample | undefined,
): number | undefined {
  const usedNow = now?.usageCoreNanoSeconds?.value;
  const usedThen = then?.usageCoreNanoSeconds?.value;
  if (now === undefined || then === undefined) return undefined;
  if (usedNow === undefined || usedThen === undefined) return undefined;
  const wallNs = now.timestamp - then.timestamp;
  // What was started anew counts from zero.
  if (wallNs <= 0n || usedNow < usedThen) return undefined;
  return (Number(usedNow - usedThen) / Number(wallNs)) * 100;
}
