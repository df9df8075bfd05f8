/** Nanoseconds since the epoch. */
export type Clock = () => bigint;

/**
 * The system's clock. It ticks in milliseconds; readings within one are told apart by counting up,
 * so that what this process made later also sorts later.
 */
export function createClock(): Clock {
  let lastMs = 0;
  let readings = 0n;
  return () => {
    const nowMs = Date.now();
    readings = nowMs === lastMs ? readings + 1n : 0n;
    lastMs = nowMs;
    return BigInt(nowMs) * 1_000_000n + readings;
  };
}
