import { type ContainerEventResponse, ContainerEventType } from "../../cri/gen/runtime/v1/api.ts";
import type { CallOptions } from "../../cri/services.ts";
import { sleep } from "../../host/sleep.ts";
import { phaseOf } from "../containers/container-state.ts";
import { listContainers } from "../containers/find-container.ts";
import type { Engine } from "../engine.ts";
import { diffStates, type SeenContainer, type StateChange } from "../events/diff-states.ts";
import { isReady } from "../sandboxes/sandbox.ts";
import { listSandboxes } from "../sandboxes/sandbox-store.ts";
import { toCriStatus } from "./cri-container-status.ts";

const LOOK_EVERY_MS = 250;

/**
 * GetContainerEvents: what changes from now on, whichever process changes it, to containers and, under
 * the IDs of pods, to these; ends with the call.
 */
export async function* getContainerEvents(
  engine: Engine,
  options: CallOptions = {},
): AsyncGenerator<ContainerEventResponse> {
  const wait = options.signal === undefined ? {} : { signal: options.signal };
  let before = await look(engine);
  while (true) {
    await sleep(LOOK_EVERY_MS, wait);
    const after = await look(engine);
    for (const { containerId, sandboxId, type } of changesBetween(before, after)) {
      yield {
        containerId,
        containerEventType: type,
        createdAt: engine.now(),
        podSandboxStatus: await podStatus(engine, sandboxId),
        containersStatuses: await statuses(engine, sandboxId),
      };
    }
    before = after;
  }
}

interface Seen {
  readonly pods: ReadonlyMap<string, SeenContainer>;
  readonly containers: ReadonlyMap<string, SeenContainer>;
}

/** A pod begins before its containers and ends behind them. */
function changesBetween(before: Seen, after: Seen): readonly StateChange[] {
  const pods = diffStates(before.pods, after.pods);
  return [
    ...pods.filter(({ type }) => isBeginning(type)),
    ...diffStates(before.containers, after.containers),
    ...pods.filter(({ type }) => !isBeginning(type)),
  ];
}

function isBeginning(type: ContainerEventType): boolean {
  return (
    type === ContainerEventType.CONTAINER_CREATED_EVENT ||
    type === ContainerEventType.CONTAINER_STARTED_EVENT
  );
}

async function look(engine: Engine): Promise<Seen> {
  const containers = new Map<string, SeenContainer>();
  for (const record of await listContainers(engine)) {
    const phase = phaseOf(record);
    if (phase !== "creating") containers.set(record.id, { sandboxId: record.sandboxId, phase });
  }
  const pods = new Map<string, SeenContainer>();
  for (const pod of listSandboxes(engine)) {
    const phase = isReady(pod, engine.self.bootId) ? "running" : "exited";
    pods.set(pod.id, { sandboxId: pod.id, phase });
  }
  return { pods, containers };
}

async function podStatus(engine: Engine, podSandboxId: string) {
  const { podSandboxStatus } = await import("./sandbox-status.ts");
  try {
    return (await podSandboxStatus(engine, { podSandboxId, verbose: false })).status;
  } catch {
    // The pod went with the container.
    return undefined;
  }
}

async function statuses(engine: Engine, sandboxId: string) {
  const records = await listContainers(engine, { sandboxId });
  return records.map((record) => toCriStatus(engine, record));
}
