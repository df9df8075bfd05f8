import { createMessage } from "../cri/create-message.ts";
import { LinuxContainerResources } from "../cri/gen/runtime/v1/api.ts";
import type { ContainerManifest, ResourcesManifest } from "./container-shape.ts";
import { parseMilli, parseQuantity, parseUnits } from "./parse-quantity.ts";
import type { PodSpecManifest } from "./pod-shape.ts";

type QosClass = "Guaranteed" | "Burstable" | "BestEffort";

const PERIOD_US = 100_000n;
const MIN_QUOTA_US = 1000n;
const MIN_SHARES = 2n;
const MAX_SHARES = 262_144n;

/** The requests with those that follow from limits: a limit without a request is both. */
export function requestsOf({ requests = {}, limits = {} }: ResourcesManifest = {}) {
  return { ...limits, ...requests };
}

/** A pod's quality of service, from CPU and memory of all its containers, as Kubernetes has it. */
export function qosClassOf(spec: PodSpecManifest): QosClass {
  const containers = [...(spec.initContainers ?? []), ...spec.containers];
  const names = ["cpu", "memory"] as const;
  const isSet = (quantity: string | undefined) =>
    quantity !== undefined && parseQuantity(quantity) > 0n;
  const asksForAny = containers.some(({ resources }) =>
    names.some((name) => isSet(requestsOf(resources)[name])),
  );
  if (!asksForAny) return "BestEffort";
  const hasAll = containers.every(({ resources }) =>
    names.every((name) => {
      const limit = resources?.limits?.[name];
      const request = requestsOf(resources)[name];
      if (limit === undefined || request === undefined || !isSet(limit)) return false;
      return parseQuantity(limit) === parseQuantity(request);
    }),
  );
  return hasAll ? "Guaranteed" : "Burstable";
}

/** Limits of a container as a kubelet computes them from requests, limits and the pod's class. */
export function containerResources(
  container: ContainerManifest,
  { spec, memoryBytes }: { spec: PodSpecManifest; memoryBytes: bigint },
): LinuxContainerResources {
  const { limits = {} } = container.resources ?? {};
  const requests = requestsOf(container.resources);
  const cpuLimit = limits.cpu === undefined ? 0n : parseMilli(limits.cpu);
  return createMessage(LinuxContainerResources, {
    cpuShares: toShares(requests.cpu === undefined ? 0n : parseMilli(requests.cpu)),
    ...(cpuLimit > 0n ? { cpuPeriod: PERIOD_US, cpuQuota: toQuota(cpuLimit) } : {}),
    ...(limits.memory === undefined ? {} : { memoryLimitInBytes: parseUnits(limits.memory) }),
    oomScoreAdj: oomScoreAdj(container, spec, memoryBytes),
    hugepageLimits: Object.entries(limits).flatMap(([name, quantity]) => {
      const size = /^hugepages-(\d+)([KMG])i$/.exec(name);
      if (size === null) return [];
      return [{ pageSize: `${size[1]}${size[2]}B`, limit: parseUnits(quantity) }];
    }),
  });
}

function toShares(milliCpu: bigint): bigint {
  const shares = (milliCpu * 1024n) / 1000n;
  if (shares < MIN_SHARES) return MIN_SHARES;
  return shares > MAX_SHARES ? MAX_SHARES : shares;
}

function toQuota(milliCpu: bigint): bigint {
  const quota = (milliCpu * PERIOD_US) / 1000n;
  return quota < MIN_QUOTA_US ? MIN_QUOTA_US : quota;
}

/** The more memory a container asks for, the later the kernel kills it; the classes do not overlap. */
function oomScoreAdj(
  container: ContainerManifest,
  spec: PodSpecManifest,
  memoryBytes: bigint,
): bigint {
  const own = ownOomScoreAdj(container, spec, memoryBytes);
  const isSidecar =
    spec.initContainers?.includes(container) && container.restartPolicy === "Always";
  if (!isSidecar) return own;
  // A sidecar lives as long as what it serves.
  return spec.containers
    .map((main) => ownOomScoreAdj(main, spec, memoryBytes))
    .reduce((least, score) => (score < least ? score : least), own);
}

function ownOomScoreAdj(
  { resources }: ContainerManifest,
  spec: PodSpecManifest,
  memoryBytes: bigint,
): bigint {
  const qos = qosClassOf(spec);
  if (qos === "Guaranteed") return -997n;
  if (qos === "BestEffort") return 1000n;
  const { memory } = requestsOf(resources);
  const score = 1000n - (1000n * (memory === undefined ? 0n : parseUnits(memory))) / memoryBytes;
  if (score < 3n) return 3n;
  return score >= 1000n ? 999n : score;
}
