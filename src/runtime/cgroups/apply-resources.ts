import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LinuxContainerResources } from "../../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../../errors/status-error.ts";
import { cpuWeight, periodAndQuota, swapOnly } from "./convert-limits.ts";
import {
  cgroupDirectory,
  findHierarchy,
  type Hierarchies,
  readHierarchies,
} from "./hierarchies.ts";

export type ResourceLimits = Partial<LinuxContainerResources>;

/**
 * Writes the limits of CRI's LinuxContainerResources into an existing cgroup; fields at zero or
 * empty are left as they are. `oomScoreAdj` belongs to processes and is not looked at.
 * All or nothing: InvalidArgument with the file's name where the kernel refuses a value, and
 * FailedPrecondition where more is in use than the limit allows; what was set before is set back.
 */
export function applyResources(
  path: string,
  limits: ResourceLimits,
  hierarchies: Hierarchies = readHierarchies(),
): void {
  const writes = hierarchies.mode === "v2" ? writesV2(limits) : writesV1(limits);
  const undo: (() => void)[] = [];
  for (const write of order(writes, path, hierarchies)) {
    const hierarchy = findHierarchy(hierarchies, write.controller);
    if (hierarchy === undefined) continue;
    const file = join(cgroupDirectory(hierarchy, path), write.file);
    try {
      const before = readFileSync(file, "utf8").trim();
      writeFileSync(file, write.value);
      undo.push(() => writeFileSync(file, `${before}\n`));
    } catch (cause) {
      // A kernel without swap accounting has no such file: containerd and runc go on as well.
      if (write.optional === true && isMissing(cause)) continue;
      undoAll(undo);
      throw refusal(write, cause);
    }
  }
}

/** In reverse order; what cannot be set back must not hide why that was tried. */
function undoAll(undo: readonly (() => void)[]): void {
  for (const restore of undo.toReversed()) {
    try {
      restore();
    } catch {
      // The kernel took it before: only more use than then can stand in the way.
    }
  }
}

function refusal({ file, value }: LimitWrite, cause: unknown): StatusError {
  const isInUse = cause instanceof Error && "code" in cause && cause.code === "EBUSY";
  if (!isInUse) {
    return new StatusError("InvalidArgument", `cannot set "${file}" to "${value}"`, { cause });
  }
  return new StatusError("FailedPrecondition", `cannot lower "${file}" to "${value}"`, {
    cause: new Error("more than that is in use"),
    hint: "a higher limit, or less load, is what the kernel accepts",
  });
}

interface LimitWrite {
  readonly controller: string;
  readonly file: string;
  readonly value: string;
  readonly optional?: boolean;
}

function writesV1(limits: ResourceLimits): LimitWrite[] {
  const writes: LimitWrite[] = [];
  const add = (controller: string, file: string, value: bigint | string | undefined) => {
    if (value)
      writes.push({ controller, file, value: String(value), optional: file.includes("memsw") });
  };
  add("cpu", "cpu.shares", limits.cpuShares);
  add("cpu", "cpu.cfs_period_us", limits.cpuPeriod);
  add("cpu", "cpu.cfs_quota_us", limits.cpuQuota);
  add("cpuset", "cpuset.cpus", limits.cpusetCpus);
  add("cpuset", "cpuset.mems", limits.cpusetMems);
  add("memory", "memory.limit_in_bytes", limits.memoryLimitInBytes);
  add("memory", "memory.memsw.limit_in_bytes", limits.memorySwapLimitInBytes);
  for (const { pageSize, limit } of limits.hugepageLimits ?? []) {
    add("hugetlb", `hugetlb.${pageSize}.limit_in_bytes`, String(limit));
  }
  return writes;
}

function writesV2(limits: ResourceLimits): LimitWrite[] {
  const writes: LimitWrite[] = [];
  const add = (file: string, value: string | undefined) => {
    const controller = file.slice(0, file.indexOf("."));
    if (value) writes.push({ controller, file, value, optional: file === "memory.swap.max" });
  };
  if (limits.cpuShares) add("cpu.weight", String(cpuWeight(limits.cpuShares)));
  add("cpu.max", periodAndQuota(limits.cpuPeriod, limits.cpuQuota));
  add("cpuset.cpus", limits.cpusetCpus);
  add("cpuset.mems", limits.cpusetMems);
  if (limits.memoryLimitInBytes) {
    add("memory.max", limits.memoryLimitInBytes < 0n ? "max" : String(limits.memoryLimitInBytes));
  }
  add("memory.swap.max", swapOnly(limits.memoryLimitInBytes, limits.memorySwapLimitInBytes));
  for (const { pageSize, limit } of limits.hugepageLimits ?? []) {
    add(`hugetlb.${pageSize}.max`, String(limit));
  }
  for (const [file, value] of Object.entries(limits.unified ?? {})) add(file, value);
  return writes;
}

/** Version 1 demands memory ≤ memory+swap at every moment: raise the larger first, lower it last. */
function order(writes: LimitWrite[], path: string, hierarchies: Hierarchies): LimitWrite[] {
  const memory = writes.find((write) => write.file === "memory.limit_in_bytes");
  const swap = writes.find((write) => write.file === "memory.memsw.limit_in_bytes");
  const hierarchy = findHierarchy(hierarchies, "memory");
  if (memory === undefined || swap === undefined || hierarchy === undefined) return writes;
  const present = readNumber(join(cgroupDirectory(hierarchy, path), swap.file));
  const raises = swap.value === "-1" || Number(swap.value) > present;
  return raises ? [swap, ...writes.filter((write) => write !== swap)] : writes;
}

function readNumber(file: string): number {
  try {
    return Number(readFileSync(file, "utf8"));
  } catch {
    return 0;
  }
}

function isMissing(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && cause.code === "ENOENT";
}
