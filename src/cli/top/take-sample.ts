import type { Container, ContainerStats, PodSandboxStats } from "../../cri/gen/runtime/v1/api.ts";
import { hasCode } from "../../errors/status-error.ts";
import { createSlots } from "../../host/create-slots.ts";
import { readIfPresent } from "../../host/read-if-present.ts";
import { callOptions } from "../call-options.ts";
import type { CommandInput } from "../command.ts";
import type { Context } from "../context.ts";
import { podOf } from "../pod-facts.ts";
import { processInInfo } from "../processes/process-in-info.ts";
import { selectContainers } from "../select-containers.ts";
import type { CpuSample } from "../two-samples.ts";
import { cgroupFigures } from "./cgroup-figures.ts";
import { networkBytesOf } from "./network-bytes.ts";

/** What one container has used so far; undefined is what neither the runtime nor the kernel tells. */
export interface ContainerSample {
  readonly id: string;
  readonly name: string;
  /** As in `default/web`. */
  readonly pod: string;
  readonly cpu: CpuSample | undefined;
  readonly cpuLimit: number | undefined;
  readonly memoryBytes: bigint | undefined;
  readonly memoryLimitBytes: bigint | undefined;
  /** Of the pod: its containers share the network. */
  readonly receivedBytes: bigint | undefined;
  readonly sentBytes: bigint | undefined;
  readonly readBytes: bigint | undefined;
  readonly writtenBytes: bigint | undefined;
  readonly processes: number | undefined;
  readonly processLimit: number | undefined;
}

export interface Sample {
  readonly atMs: number;
  readonly containers: readonly ContainerSample[];
}

const PARALLEL = 8;

/** What takes samples of the running containers that the filters leave. */
export function createSampler(
  context: Context,
  flags: CommandInput["flags"],
): () => Promise<Sample> {
  const inSlot = createSlots(PARALLEL);
  /** Asked once for each container: what it is does not change. */
  const facts = new Map<string, Promise<ContainerFacts>>();
  let podStats: (() => Promise<readonly PodSandboxStats[]>) | undefined = async () => {
    const { runtime } = await context.backend();
    return (await runtime.listPodSandboxStats({ filter: undefined }, callOptions(context))).stats;
  };
  const statsOfPods = async () => {
    try {
      return (await podStats?.()) ?? [];
    } catch (error) {
      if (hasCode(error, "Unavailable")) throw error;
      // Older servers have no figures of pods: the kernel is asked instead.
      podStats = undefined;
      return [];
    }
  };
  return async () => {
    const { runtime, endpoint } = await context.backend();
    // One after another, as in sample-pod-stats.ts.
    const selected = await selectContainers(context, flags, { defaultState: "running" });
    const { stats } = await runtime.listContainerStats({ filter: undefined }, callOptions(context));
    const ofPods = await statsOfPods();
    const atMs = performance.now();
    const isHere = !endpoint.startsWith("tcp:");
    const byId = new Map(stats.map((each) => [each.attributes?.id ?? "", each]));
    const byPod = new Map(ofPods.map((each) => [each.attributes?.id ?? "", each]));
    const containers = await Promise.all(
      selected.containers.map(async (container) => {
        const known = facts.get(container.id) ?? inSlot(() => factsOf(context, container));
        facts.set(container.id, known);
        known.catch(() => facts.delete(container.id));
        const pod = podOf(container, selected.pods);
        return {
          id: container.id,
          name: container.metadata?.name ?? "",
          pod: `${pod.namespace}/${pod.name}`,
          ...figuresOf(byId.get(container.id), byPod.get(container.podSandboxId), {
            facts: await known,
            isHere,
          }),
        };
      }),
    );
    return { atMs, containers };
  };
}

interface ContainerFacts {
  readonly pid: number | undefined;
  readonly memoryLimitBytes: bigint | undefined;
  readonly cpuLimit: number | undefined;
}

async function factsOf(context: Context, { id }: Container): Promise<ContainerFacts> {
  const { runtime } = await context.backend();
  try {
    const request = { containerId: id, verbose: true };
    const { status, info } = await runtime.containerStatus(request, callOptions(context));
    const {
      memoryLimitInBytes = 0n,
      cpuQuota = 0n,
      cpuPeriod = 0n,
    } = status?.resources?.linux ?? {};
    return {
      pid: processInInfo(info.info),
      memoryLimitBytes: memoryLimitInBytes > 0n ? memoryLimitInBytes : undefined,
      cpuLimit: cpuQuota > 0n && cpuPeriod > 0n ? Number(cpuQuota) / Number(cpuPeriod) : undefined,
    };
  } catch (error) {
    // It may have ended just now.
    if (context.signal.aborted || hasCode(error, "Unavailable")) throw error;
    return { pid: undefined, memoryLimitBytes: undefined, cpuLimit: undefined };
  }
}

function figuresOf(
  stats: ContainerStats | undefined,
  ofPod: PodSandboxStats | undefined,
  { facts, isHere }: { readonly facts: ContainerFacts; readonly isHere: boolean },
): Omit<ContainerSample, "id" | "name" | "pod"> {
  const pid = isHere ? facts.pid : undefined;
  const cgroup = pid === undefined ? "" : (readIfPresent(`/proc/${pid}/cgroup`) ?? "");
  const kernel = cgroupFigures(cgroup);
  const told = ofPod?.linux?.network?.defaultInterface;
  const network =
    told?.rxBytes === undefined && pid !== undefined ? networkBytesOf(pid) : undefined;
  return {
    cpu: stats?.cpu,
    cpuLimit: kernel.cpuLimit ?? facts.cpuLimit,
    memoryBytes: stats?.memory?.workingSetBytes?.value,
    memoryLimitBytes: kernel.memoryLimitBytes ?? facts.memoryLimitBytes,
    receivedBytes: told?.rxBytes?.value ?? network?.received,
    sentBytes: told?.txBytes?.value ?? network?.sent,
    readBytes: kernel.readBytes,
    writtenBytes: kernel.writtenBytes,
    processes: kernel.processes,
    processLimit: kernel.processLimit,
  };
}
