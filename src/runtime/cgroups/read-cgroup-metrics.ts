import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  cgroupDirectory,
  findHierarchy,
  type Hierarchies,
  readHierarchies,
} from "./hierarchies.ts";

/** What a cgroup counts beyond CgroupStats. What the kernel does not tell is 0, or not in a list. */
export interface CgroupMetrics {
  readonly cpuUserNs: bigint;
  readonly cpuSystemNs: bigint;
  readonly cfsPeriods: bigint;
  readonly cfsThrottledPeriods: bigint;
  readonly cfsThrottledNs: bigint;
  readonly cacheBytes: bigint;
  readonly kernelBytes: bigint;
  readonly mappedFileBytes: bigint;
  readonly maxUsageBytes: bigint;
  readonly limitHits: bigint;
  readonly oomKills: bigint;
  /** Page faults of the cgroup itself, without those below it; version 2 does not part them. */
  readonly ownPageFaults: bigint;
  readonly ownMajorPageFaults: bigint;
  readonly threads: bigint;
  /** 0 is no limit. */
  readonly threadsLimit: bigint;
  readonly hugePages: readonly HugePageUsage[];
  readonly devices: readonly DeviceUsage[];
  /** Undefined where the kernel does not measure pressure. */
  readonly pressure: Readonly<Record<"cpu" | "io" | "memory", Pressure>> | undefined;
}

interface HugePageUsage {
  /** As in `2MB`. */
  readonly pageSize: string;
  readonly usageBytes: bigint;
  readonly maxUsageBytes: bigint;
}

export interface DeviceUsage {
  readonly major: string;
  readonly minor: string;
  readonly readBytes: bigint;
  readonly writeBytes: bigint;
  readonly reads: bigint;
  readonly writes: bigint;
}

interface Pressure {
  /** Time in which something waited. */
  readonly waitingUs: bigint;
  /** Time in which everything did. */
  readonly stalledUs: bigint;
}

/** The figures of the cgroup; zeros where it does not exist. */
export function readCgroupMetrics(
  path: string,
  hierarchies: Hierarchies = readHierarchies(),
): CgroupMetrics {
  const files = cgroupFiles(path, hierarchies);
  const figures = hierarchies.mode === "v2" ? metricsV2(files) : metricsV1(files);
  const limit = files.read("pids", "pids.max")?.trim();
  return {
    ...figures,
    threads: files.number("pids", "pids.current"),
    threadsLimit: limit === undefined || limit === "max" ? 0n : BigInt(limit),
    pressure: readPressure(path, hierarchies),
  };
}

type VersionFigures = Omit<CgroupMetrics, "threads" | "threadsLimit" | "pressure">;

function metricsV1(files: CgroupFiles): VersionFigures {
  const cpu = files.map("cpu", "cpu.stat");
  const memory = files.map("memory", "memory.stat");
  const bytes = parseThrottled(files.read("blkio", "blkio.throttle.io_service_bytes_recursive"));
  const operations = parseThrottled(files.read("blkio", "blkio.throttle.io_serviced_recursive"));
  return {
    cpuUserNs: files.number("cpuacct", "cpuacct.usage_user"),
    cpuSystemNs: files.number("cpuacct", "cpuacct.usage_sys"),
    cfsPeriods: cpu("nr_periods"),
    cfsThrottledPeriods: cpu("nr_throttled"),
    cfsThrottledNs: cpu("throttled_time"),
    cacheBytes: memory("total_cache"),
    kernelBytes: files.number("memory", "memory.kmem.usage_in_bytes"),
    mappedFileBytes: memory("total_mapped_file"),
    maxUsageBytes: files.number("memory", "memory.max_usage_in_bytes"),
    limitHits: files.number("memory", "memory.failcnt"),
    oomKills: files.map("memory", "memory.oom_control")("oom_kill"),
    ownPageFaults: memory("pgfault"),
    ownMajorPageFaults: memory("pgmajfault"),
    hugePages: files.names("hugetlb", /^hugetlb\.(\w+)\.usage_in_bytes$/).map((pageSize) => ({
      pageSize,
      usageBytes: files.number("hugetlb", `hugetlb.${pageSize}.usage_in_bytes`),
      maxUsageBytes: files.number("hugetlb", `hugetlb.${pageSize}.max_usage_in_bytes`),
    })),
    devices: [...bytes].map(([device, moved]) => ({
      ...numbersOf(device),
      readBytes: moved.Read ?? 0n,
      writeBytes: moved.Write ?? 0n,
      reads: operations.get(device)?.Read ?? 0n,
      writes: operations.get(device)?.Write ?? 0n,
    })),
  };
}

function metricsV2(files: CgroupFiles): VersionFigures {
  const cpu = files.map("cpu", "cpu.stat");
  const memory = files.map("memory", "memory.stat");
  const events = files.map("memory", "memory.events");
  return {
    cpuUserNs: cpu("user_usec") * 1000n,
    cpuSystemNs: cpu("system_usec") * 1000n,
    cfsPeriods: cpu("nr_periods"),
    cfsThrottledPeriods: cpu("nr_throttled"),
    cfsThrottledNs: cpu("throttled_usec") * 1000n,
    cacheBytes: memory("file"),
    kernelBytes: memory("kernel"),
    mappedFileBytes: memory("file_mapped"),
    maxUsageBytes: files.number("memory", "memory.peak"),
    limitHits: events("max"),
    oomKills: events("oom_kill"),
    ownPageFaults: memory("pgfault"),
    ownMajorPageFaults: memory("pgmajfault"),
    // Version 2 keeps no peak of huge pages.
    hugePages: files.names("hugetlb", /^hugetlb\.(\w+)\.current$/).map((pageSize) => ({
      pageSize,
      usageBytes: files.number("hugetlb", `hugetlb.${pageSize}.current`),
      maxUsageBytes: files.number("hugetlb", `hugetlb.${pageSize}.current`),
    })),
    devices: parseIoStat(files.read("io", "io.stat")),
  };
}

/** `8:0 Read 4096` for each device and operation, and a total. */
function parseThrottled(text = ""): Map<string, Record<string, bigint>> {
  const devices = new Map<string, Record<string, bigint>>();
  for (const line of text.split("\n")) {
    const [device = "", operation = "", value = ""] = line.split(" ");
    if (!/^\d+:\d+$/.test(device) || !/^\d+$/.test(value)) continue;
    devices.set(device, { ...devices.get(device), [operation]: BigInt(value) });
  }
  return devices;
}

/** `8:0 rbytes=4096 wbytes=0 rios=1 wios=0 …` for each device. */
function parseIoStat(text = ""): DeviceUsage[] {
  return text.split("\n").flatMap((line) => {
    const [device = "", ...words] = line.split(" ");
    if (!/^\d+:\d+$/.test(device)) return [];
    const values = new Map(words.map((word) => word.split("=") as [string, string | undefined]));
    const number = (key: string) => toBigInt(values.get(key));
    return [
      {
        ...numbersOf(device),
        readBytes: number("rbytes"),
        writeBytes: number("wbytes"),
        reads: number("rios"),
        writes: number("wios"),
      },
    ];
  });
}

function numbersOf(device: string): { major: string; minor: string } {
  const [major = "", minor = ""] = device.split(":");
  return { major, minor };
}

/** The unified hierarchy measures it, also where version 1 has the controllers. */
function readPressure(path: string, { all }: Hierarchies): CgroupMetrics["pressure"] {
  const unified = all.find(({ version }) => version === 2);
  if (unified === undefined) return undefined;
  const read = (what: string) => readText(join(cgroupDirectory(unified, path), `${what}.pressure`));
  const [cpu, io, memory] = ["cpu", "io", "memory"].map(read);
  if (cpu === undefined || io === undefined || memory === undefined) return undefined;
  return { cpu: parsePressure(cpu), io: parsePressure(io), memory: parsePressure(memory) };
}

function parsePressure(text: string): Pressure {
  const total = (kind: string) =>
    toBigInt(new RegExp(`^${kind} .*total=(\\d+)`, "m").exec(text)?.[1]);
  return { waitingUs: total("some"), stalledUs: total("full") };
}

interface CgroupFiles {
  read(controller: string, file: string): string | undefined;
  number(controller: string, file: string): bigint;
  /** Of `key value` lines; 0 for a key that is not there. */
  map(controller: string, file: string): (key: string) => bigint;
  /** What the pattern captures of the names of files. */
  names(controller: string, pattern: RegExp): string[];
}

function cgroupFiles(path: string, hierarchies: Hierarchies): CgroupFiles {
  const directory = (controller: string) => {
    const hierarchy = findHierarchy(hierarchies, controller);
    return hierarchy && cgroupDirectory(hierarchy, path);
  };
  const read = (controller: string, file: string) => {
    const place = directory(controller);
    return place === undefined ? undefined : readText(join(place, file));
  };
  return {
    read,
    number: (controller, file) => toBigInt(read(controller, file)),
    map(controller, file) {
      const lines = (read(controller, file) ?? "").split("\n").map((line) => line.split(" "));
      const values = new Map(lines.map(([key = "", value]) => [key, toBigInt(value)]));
      return (key) => values.get(key) ?? 0n;
    },
    names(controller, pattern) {
      const place = directory(controller);
      return place === undefined
        ? []
        : listNames(place).flatMap((name) => pattern.exec(name)?.[1] ?? []);
    },
  };
}

function listNames(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function toBigInt(text: string | undefined): bigint {
  const digits = text?.trim() ?? "";
  return /^\d+$/.test(digits) ? BigInt(digits) : 0n;
}
