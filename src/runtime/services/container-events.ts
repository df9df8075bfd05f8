import type { ContainerEventResponse } from "../../cri/gen/runtime/v1/api.ts";
import type { CallOptions } from "../../cri/services.ts";
import { sleep } from "../../host/sleep.ts";
import { phaseOf } from "../containers/container-state.ts";
import { listContainers } from "../containers/find-container.ts";
import type { Engine } from "../engine.ts";
import { diffStates, type SeenContainer } from "../events/diff-states.ts";
import { toCriStatus } from "./cri-container.ts";

const LOOK_EVERY_MS = 250;

/** GetContainerEvents: what changes from now on, whichever process changes it; ends with the call. */
export async function* getContainerEvents(
  engine: Engine,
  options: CallOptions = {},
): AsyncGenerator<ContainerEventResponse> {
  const wait = options.signal === undefined ? {} : { signal: options.signal };
  let before = await look(engine);
  while (true) {
    await sleep(LOOK_EVERY_MS, wait);
    const after = await look(engine);
    for (const { containerId, sandboxId, type } of diffStates(before, after)) {
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

async function look(engine: Engine): Promise<Map<string, SeenContainer>> {
  const seen = new Map<string, SeenContainer>();
  for (const record of await listContainers(engine)) {
    const phase = phaseOf(record);
    if (phase !== "creating") seen.set(record.id, { sandboxId: record.sandboxId, phase });
  }
  return seen;
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
