/**
 * Container events: what has changed between two looks at all containers. Many processes change
 * containers at once, so the shared state is compared and no process is asked.
 * Specification: CRI v1, GetContainerEvents.
 */
import { ContainerEventType as EventType } from "../../cri/gen/runtime/v1/api.ts";

export interface SeenContainer {
  readonly sandboxId: string;
  readonly phase: "created" | "running" | "exited";
}

export interface StateChange {
  readonly containerId: string;
  readonly sandboxId: string;
  readonly type: EventType;
}

const ORDER = ["created", "running", "exited"] as const;
const TYPES = {
  created: EventType.CONTAINER_CREATED_EVENT,
  running: EventType.CONTAINER_STARTED_EVENT,
  exited: EventType.CONTAINER_STOPPED_EVENT,
} as const;

/** Every step that lies between the two looks, in order, also those that passed unseen. */
export function diffStates(
  before: ReadonlyMap<string, SeenContainer>,
  after: ReadonlyMap<string, SeenContainer>,
): StateChange[] {
  const changes: StateChange[] = [];
  for (const [containerId, { sandboxId, phase }] of after) {
    const seen = before.get(containerId);
    const from = seen === undefined ? 0 : ORDER.indexOf(seen.phase) + 1;
    for (const step of ORDER.slice(from, ORDER.indexOf(phase) + 1)) {
      changes.push({ containerId, sandboxId, type: TYPES[step] });
    }
  }
  for (const [containerId, { sandboxId }] of before) {
    if (after.has(containerId)) continue;
    changes.push({ containerId, sandboxId, type: EventType.CONTAINER_DELETED_EVENT });
  }
  return changes;
}
