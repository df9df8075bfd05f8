import { existsSync } from "node:fs";
import { basename, dirname } from "node:path";
import { type ContainerEventResponse, ContainerEventType } from "../../cri/gen/runtime/v1/api.ts";
import type { CallOptions } from "../../cri/services.ts";
import { phaseOf } from "../containers/container-state.ts";
import { listContainers } from "../containers/find-container.ts";
import type { Engine } from "../engine.ts";
import { diffStates, type SeenContainer, type StateChange } from "../events/diff-states.ts";
import { type NewsPlace, watchForNews } from "../events/watch-for-news.ts";
import { isReady } from "../sandboxes/sandbox.ts";
import { listSandboxes } from "../sandboxes/sandbox-store.ts";
import { shimFiles } from "../shim/shim-files.ts";
import { toCriStatus } from "./cri-container-status.ts";

/** Shims that died without a word are found by a look at everything alone. */
const WHOLE_LOOK_EVERY_MS = 1_900;

/**
 * GetContainerEvents: what changes from now on, whichever process changes it, to containers and, under
 * the IDs of pods, to these; ends with the call.
 */
export async function* getContainerEvents(
  engine: Engine,
  options: CallOptions = {},
): AsyncGenerator<ContainerEventResponse> {
  const news = watchForNews(writtenPlaces(engine));
  try {
    let mark = changeMark(engine);
    let before = await look(engine);
    let lookedAtMs = performance.now();
    while (true) {
      await news.next(options.signal);
      const now = changeMark(engine);
      const isLate = performance.now() - lookedAtMs >= WHOLE_LOOK_EVERY_MS;
      if (now === mark && !isLate && !hasExit(engine, before)) continue;
      mark = now;
      lookedAtMs = performance.now();
      const after = await look(engine);
      for (const change of changesBetween(before, after)) yield await toEvent(engine, change);
      before = after;
    }
  } finally {
    news.close();
  }
}

async function toEvent(
  engine: Engine,
  { containerId, sandboxId, type }: StateChange,
): Promise<ContainerEventResponse> {
  return {
    containerId,
    containerEventType: type,
    createdAt: engine.now(),
    podSandboxStatus: await podStatus(engine, sandboxId),
    containersStatuses: await statuses(engine, sandboxId),
  };
}

/** Whoever changes a pod or a container writes the database, and a shim its exit file. */
function writtenPlaces({ paths }: Engine): readonly NewsPlace[] {
  return [
    { directory: dirname(paths.database), prefix: basename(paths.database) },
    { directory: paths.exits, prefix: "" },
  ];
}

/** Another one whenever the database has changed, by this process or another. */
function changeMark(engine: Engine): string {
  return engine.database.read((db) => {
    const others = db.prepare("PRAGMA data_version").get();
    const own = db.prepare("SELECT total_changes() AS changes").get();
    return `${others?.data_version} ${own?.changes}`;
  });
}

/** Whether a shim has written that a container has ended which ran at the last look. */
function hasExit({ paths }: Engine, { containers }: Seen): boolean {
  for (const [id, { phase }] of containers) {
    if (phase !== "exited" && existsSync(shimFiles(paths, id).exitFile)) return true;
  }
  return false;
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
