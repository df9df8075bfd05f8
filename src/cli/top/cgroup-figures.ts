/**
 * What the kernel tells of the cgroup of a process of this node, where CRI does not: processes, block
 * I/O and limits, on cgroups v1 and v2.
 */
import { existsSync } from "node:fs";
import { readIfPresent } from "../../host/read-if-present.ts";

export interface CgroupFigures {
  readonly processes: number | undefined;
  readonly processLimit: number | undefined;
  readonly readBytes: bigint | undefined;
  readonly writtenBytes: bigint | undefined;
  readonly memoryLimitBytes: bigint | undefined;
  /** Cores. */
  readonly cpuLimit: number | undefined;
}

const ROOT = "/sys/fs/cgroup";

/** Every figure is undefined where the kernel, or its rights, keep it back. */
export function cgroupFigures(cgroupOfProcess: string, root = ROOT): CgroupFigures {
  const read = reader(cgroupOfProcess, root);
  const io = ioBytes(read);
  return {
    processes: toNumber(read("pids", "pids.current")),
    processLimit: toNumber(read("pids", "pids.max")),
    readBytes: io?.read,
    writtenBytes: io?.written,
    memoryLimitBytes: memoryLimit(
      read("memory", "memory.max") ?? read("memory", "memory.limit_in_bytes"),
    ),
    cpuLimit: cpuLimit(read),
  };
}

type Read = (controller: string, file: string) => string | undefined;

/** By /proc/PID/cgroup: lines of number, controllers and path; v2 has none and the number 0. */
function reader(text: string, root: string): Read {
  const paths = new Map<string, string>();
  for (const line of text.trimEnd().split("\n")) {
    const [, controllers = "", ...rest] = line.split(":");
    for (const controller of controllers.split(",")) paths.set(controller, rest.join(":"));
  }
  const isUnified = existsSync(`${root}/cgroup.controllers`);
  return (controller, file) => {
    const path = isUnified ? paths.get("") : paths.get(controller);
    if (path === undefined || path.includes("/..")) return undefined;
    const hierarchy = isUnified ? root : `${root}/${controller}`;
    return readIfPresent(`${hierarchy}${path}/${file}`)?.trim();
  };
}

function ioBytes(read: Read): { readonly read: bigint; readonly written: bigint } | undefined {
  const unified = read("io", "io.stat");
  if (unified !== undefined) {
    return { read: sumOf(unified, /\brbytes=(\d+)/g), written: sumOf(unified, /\bwbytes=(\d+)/g) };
  }
  const bytes =
    read("blkio", "blkio.throttle.io_service_bytes_recursive") ??
    read("blkio", "blkio.throttle.io_service_bytes");
  if (bytes === undefined) return undefined;
  return { read: sumOf(bytes, /\bRead (\d+)/g), written: sumOf(bytes, /\bWrite (\d+)/g) };
}

function sumOf(text: string, pattern: RegExp): bigint {
  return [...text.matchAll(pattern)].reduce((sum, [, digits]) => sum + BigInt(digits ?? "0"), 0n);
}

/** What is beyond this is no limit: cgroups v1 has the largest number of pages instead. */
const NO_LIMIT = 1n << 60n;

function memoryLimit(text: string | undefined): bigint | undefined {
  if (text === undefined || !/^\d+$/.test(text)) return undefined;
  const bytes = BigInt(text);
  return bytes < NO_LIMIT ? bytes : undefined;
}

function cpuLimit(read: Read): number | undefined {
  const [quota, period] = read("cpu", "cpu.max")?.split(" ") ?? [
    read("cpu", "cpu.cfs_quota_us"),
    read("cpu", "cpu.cfs_period_us"),
  ];
  const cores = Number(quota) / Number(period);
  return Number.isFinite(cores) && cores > 0 ? cores : undefined;
}

function toNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}
