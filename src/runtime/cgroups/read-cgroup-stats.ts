import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  cgroupDirectory,
  findHierarchy,
  type Hierarchies,
  readHierarchies,
} from "./hierarchies.ts";
import { listCgroupProcesses } from "./list-cgroup-processes.ts";

/** What a cgroup has used, in the kernel's own figures; undefined where the kernel does not tell. */
export interface CgroupStats {
  readonly cpuUsageNs: bigint;
  readonly memoryUsageBytes: bigint;
  /** Usage without the file pages that can be dropped at once. */
  readonly workingSetBytes: bigint;
  readonly rssBytes: bigint;
  /** Undefined without a limit. */
  readonly memoryLimitBytes: bigint | undefined;
  readonly pageFaults: bigint;
  readonly majorPageFaults: bigint;
  readonly swapUsageBytes: bigint | undefined;
  readonly swapLimitBytes: bigint | undefined;
  readonly processCount: number;
}

/** Undefined where the cgroup does not exist. */
export function readCgroupStats(
  path: string,
  hierarchies: Hierarchies = readHierarchies(),
): CgroupStats | undefined {
  const read = (controller: string, file: string) => {
    const hierarchy = findHierarchy(hierarchies, controller);
    return hierarchy && readText(join(cgroupDirectory(hierarchy, path), file));
  };
  const processCount = () => listCgroupProcesses(path, hierarchies).length;
  return hierarchies.mode === "v2" ? statsV2(read, processCount) : statsV1(read, processCount);
}

type ReadFile = (controller: string, file: string) => string | undefined;

function statsV1(read: ReadFile, processCount: () => number): CgroupStats | undefined {
  const cpu = read("cpuacct", "cpuacct.usage");
  const usage = toBigInt(read("memory", "memory.usage_in_bytes"));
  if (cpu === undefined || usage === undefined) return undefined;
  const stat = parseFlat(read("memory", "memory.stat"));
  const memoryAndSwap = toBigInt(read("memory", "memory.memsw.usage_in_bytes"));
  const limit = toLimit(read("memory", "memory.limit_in_bytes"));
  const bothLimit = toLimit(read("memory", "memory.memsw.limit_in_bytes"));
  return {
    cpuUsageNs: toBigInt(cpu) ?? 0n,
    memoryUsageBytes: usage,
    workingSetBytes: atLeastZero(usage - (stat.get("total_inactive_file") ?? 0n)),
    rssBytes: stat.get("total_rss") ?? 0n,
    memoryLimitBytes: limit,
    pageFaults: stat.get("total_pgfault") ?? 0n,
    majorPageFaults: stat.get("total_pgmajfault") ?? 0n,
    swapUsageBytes: memoryAndSwap === undefined ? undefined : atLeastZero(memoryAndSwap - usage),
    swapLimitBytes:
      limit !== undefined && bothLimit !== undefined ? atLeastZero(bothLimit - limit) : undefined,
    processCount: processCount(),
  };
}

function statsV2(read: ReadFile, processCount: () => number): CgroupStats | undefined {
  const cpu = read("cpu", "cpu.stat");
  const usage = toBigInt(read("memory", "memory.current"));
  if (cpu === undefined || usage === undefined) return undefined;
  const stat = parseFlat(read("memory", "memory.stat"));
  return {
    cpuUsageNs: (parseFlat(cpu).get("usage_usec") ?? 0n) * 1000n,
    memoryUsageBytes: usage,
    workingSetBytes: atLeastZero(usage - (stat.get("inactive_file") ?? 0n)),
    rssBytes: stat.get("anon") ?? 0n,
    memoryLimitBytes: toLimit(read("memory", "memory.max")),
    pageFaults: stat.get("pgfault") ?? 0n,
    majorPageFaults: stat.get("pgmajfault") ?? 0n,
    swapUsageBytes: toBigInt(read("memory", "memory.swap.current")),
    swapLimitBytes: toLimit(read("memory", "memory.swap.max")),
    processCount: processCount(),
  };
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function toBigInt(text: string | undefined): bigint | undefined {
  const digits = text?.trim() ?? "";
  return /^\d+$/.test(digits) ? BigInt(digits) : undefined;
}

/** Without a limit version 2 says `max`, version 1 the largest page-aligned number. */
const NO_LIMIT_V1 = 2n ** 62n;

function toLimit(text: string | undefined): bigint | undefined {
  const value = toBigInt(text);
  return value === undefined || value >= NO_LIMIT_V1 ? undefined : value;
}

function atLeastZero(value: bigint): bigint {
  return value < 0n ? 0n : value;
}

function parseFlat(text: string | undefined): Map<string, bigint> {
  const values = new Map<string, bigint>();
  for (const line of (text ?? "").split("\n")) {
    const [key, value] = line.split(" ");
    const number = toBigInt(value);
    if (key !== undefined && number !== undefined) values.set(key, number);
  }
  return values;
}
