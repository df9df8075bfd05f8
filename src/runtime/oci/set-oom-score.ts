import { readFileSync, writeFileSync } from "node:fs";

/**
 * Gives processes another oom_score_adj. Without the right to lower it, it is as low as this process's
 * own, as at the creation of a container; processes that end meanwhile are left out.
 */
export function setOomScore(pids: readonly number[], score: bigint): void {
  for (const pid of pids) {
    if (write(pid, score)) continue;
    const own = BigInt(readFileSync("/proc/self/oom_score_adj", "latin1").trim());
    if (own > score) write(pid, own);
  }
}

function write(pid: number, score: bigint): boolean {
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, String(score));
    return true;
  } catch {
    return false;
  }
}
