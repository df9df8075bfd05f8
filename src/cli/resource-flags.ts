import { createMessage } from "../cri/create-message.ts";
import { LinuxContainerResources } from "../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../errors/status-error.ts";
import type { CommandInput, FlagSpec } from "./command.ts";
import { parseMemory } from "./parse-memory.ts";

/** Limits of a Linux cgroup, in crictl's words; what is not given stays as it is. */
export const RESOURCE_FLAGS: readonly FlagSpec[] = [
  {
    name: "cpu-period",
    type: "integer",
    meaning: "length of a CPU period, in microseconds",
    placeholder: "MICROSECONDS",
  },
  {
    name: "cpu-quota",
    type: "integer",
    meaning: "CPU time in each period, in microseconds; -1 is no limit",
    placeholder: "MICROSECONDS",
  },
  {
    name: "cpu-share",
    type: "integer",
    meaning: "weight of the CPU time against others; 1024 is the usual one",
    placeholder: "WEIGHT",
  },
  {
    name: "memory",
    type: "string",
    meaning: "limit of memory, as in 512Mi; bytes without a unit, -1 is no limit",
    placeholder: "SIZE",
  },
  {
    name: "memory-swap",
    type: "string",
    meaning: "limit of memory and swap together; -1 is no limit",
    placeholder: "SIZE",
  },
  {
    name: "cpuset-cpus",
    type: "string",
    meaning: "CPUs to run on, as in 0-3,7",
    placeholder: "CPUS",
  },
  {
    name: "cpuset-mems",
    type: "string",
    meaning: "memory nodes to take memory from",
    placeholder: "NODES",
  },
];

/** The most and the least of /proc/PID/oom_score_adj. */
const OOM_SCORE_LIMIT = 1000;

/**
 * The limits that the flags name, all of them with that prefix; undefined where they name none. Zero
 * says nothing: CRI has no way to set it. Throws InvalidArgument.
 */
export function readResources(
  flags: CommandInput["flags"],
  prefix = "",
): LinuxContainerResources | undefined {
  const integer = (name: string) => BigInt(Number(flags[prefix + name] ?? 0));
  const text = (name: string) => String(flags[prefix + name] ?? "");
  const size = (name: string) => readSize(text(name), `--${prefix}${name}`);
  const given: Partial<LinuxContainerResources> = {
    cpuPeriod: notNegative(integer("cpu-period"), `--${prefix}cpu-period`),
    cpuQuota: integer("cpu-quota"),
    cpuShares: notNegative(integer("cpu-share"), `--${prefix}cpu-share`),
    memoryLimitInBytes: size("memory"),
    memorySwapLimitInBytes: size("memory-swap"),
    oomScoreAdj: readOomScore(text("oom-score-adj")),
    cpusetCpus: text("cpuset-cpus"),
    cpusetMems: text("cpuset-mems"),
  };
  const isGiven = Object.values(given).some((value) => value !== 0n && value !== "");
  return isGiven ? createMessage(LinuxContainerResources, given) : undefined;
}

/** Throws InvalidArgument: there is nothing to change. */
export function refuseNoLimits(verb: string, example: string): never {
  throw new StatusError("InvalidArgument", `${verb} needs a limit to change`, {
    hint: `for one ${example}; a limit of 0 means that it stays as it is`,
  });
}

function readSize(word: string, flag: string): bigint {
  if (word === "" || word === "0") return 0n;
  return word === "-1" ? -1n : parseMemory(word, flag);
}

function notNegative(value: bigint, flag: string): bigint {
  if (value >= 0n) return value;
  throw new StatusError("InvalidArgument", `${flag} is negative`);
}

function readOomScore(word: string): bigint {
  if (word === "") return 0n;
  if (/^[+-]?\d+$/.test(word) && Math.abs(Number(word)) <= OOM_SCORE_LIMIT) return BigInt(word);
  throw new StatusError(
    "InvalidArgument",
    `--oom-score-adj wants a number from -1000 to 1000, not "${word}"`,
  );
}
