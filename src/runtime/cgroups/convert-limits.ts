/** cpu.shares (2 to 262144) on the scale of cpu.weight (1 to 10000), as runc and crun map it. */
export function cpuWeight(shares: bigint): bigint {
  const bounded = shares < 2n ? 2n : shares > 262_144n ? 262_144n : shares;
  return 1n + ((bounded - 2n) * 9999n) / 262_142n;
}

/** The value of cpu.max, `QUOTA PERIOD` in microseconds; undefined where neither is set. */
export function periodAndQuota(
  period: bigint | undefined,
  quota: bigint | undefined,
): string | undefined {
  if (!period && !quota) return undefined;
  const limit = !quota || quota < 0n ? "max" : String(quota);
  return period ? `${limit} ${period}` : limit;
}

/** memory.swap.max counts swap alone, CRI's limit (version 1's) memory and swap together. */
export function swapOnly(
  memory: bigint | undefined,
  memoryAndSwap: bigint | undefined,
): string | undefined {
  if (!memoryAndSwap) return undefined;
  if (memoryAndSwap < 0n) return "max";
  if (!memory || memory < 0n || memoryAndSwap < memory) return undefined;
  return String(memoryAndSwap - memory);
}
