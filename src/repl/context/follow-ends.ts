import type { Context } from "../../cli/context.ts";
import { followEvents } from "../../cli/events/follow-events.ts";
import type {
  ContainerEventResponse,
  ContainerMetadata,
  ContainerStatus,
} from "../../cri/gen/runtime/v1/api.ts";
import { ContainerEventType, ContainerState } from "../../cri/gen/runtime/v1/api.ts";
import type { RuntimeService } from "../../cri/services.ts";
import { StatusError } from "../../errors/status-error.ts";
import { sleep } from "../../host/sleep.ts";

export interface EndedContainer {
  readonly id: string;
  /** Absent where the pod went before the event was made. */
  readonly metadata?: ContainerMetadata | undefined;
  readonly labels: Readonly<Record<string, string>>;
  /** As an event told it: the container may be gone by now. */
  readonly status?: ContainerStatus;
}

/** What ends together is told together. */
const GATHER_MS = 100;
const EMPTY_STREAM_MS = 1_000;

/**
 * Containers as they end, by the runtime's events, also after it was restarted; until the context's
 * signal aborts, with which it rejects. Rejects where the runtime tells no events.
 */
export async function* followEnds(context: Context): AsyncGenerator<readonly EndedContainer[]> {
  const { signal } = context;
  const { runtime } = await context.backend();
  const openedAtMs = Date.now();
  const told = { version: runtime.version.bind(runtime), getContainerEvents: refuseEmpty(runtime) };
  const idle = async () => {};
  const events = followEvents({ runtime: told, signal, onLost: idle, onBack: idle });
  let gathered: EndedContainer[] = [];
  let due: Promise<void> | undefined;
  let next = events.next();
  try {
    while (true) {
      const arrived = await Promise.race(due === undefined ? [next] : [next, due]);
      if (arrived === undefined) {
        yield gathered;
        gathered = [];
        due = undefined;
        continue;
      }
      if (arrived.done === true) return;
      next = events.next();
      // containerd keeps events for whoever comes first, and hands over old ones.
      const isOld = Number(arrived.value.createdAt / 1_000_000n) < openedAtMs;
      const ended = isOld ? undefined : endedIn(arrived.value);
      if (ended === undefined) continue;
      gathered.push(ended);
      due ??= sleep(GATHER_MS, { signal });
    }
  } finally {
    next.catch(() => {});
    due?.catch(() => {});
  }
}

type Follow = RuntimeService["getContainerEvents"];

/** The stream; Unimplemented where it ends at once, as CRI-O's does where events are switched off. */
function refuseEmpty(runtime: RuntimeService): Follow {
  return async function* (request, options) {
    const openedAtMs = performance.now();
    let hasEvents = false;
    for await (const event of runtime.getContainerEvents(request, options)) {
      hasEvents = true;
      yield event;
    }
    if (!hasEvents && performance.now() - openedAtMs < EMPTY_STREAM_MS) {
      throw new StatusError("Unimplemented", "the runtime tells no events");
    }
  };
}

/** The container that the event says has ended. Events under the ID of a pod are of the pod. */
function endedIn(event: ContainerEventResponse): EndedContainer | undefined {
  const { containerId: id, containerEventType, containersStatuses, podSandboxStatus } = event;
  if (containerEventType !== ContainerEventType.CONTAINER_STOPPED_EVENT) return undefined;
  if (podSandboxStatus?.id === id) return undefined;
  const status = containersStatuses.find((candidate) => candidate.id === id);
  if (status === undefined) return { id, labels: {} };
  const { metadata, labels, state } = status;
  const hasEnd = state === ContainerState.CONTAINER_EXITED;
  return { id, metadata, labels, ...(hasEnd ? { status } : {}) };
}
