import type {
  Container,
  ContainerFilter,
  ListContainersRequest,
  ListContainersResponse,
  StreamContainersRequest,
  StreamContainersResponse,
} from "../../cri/gen/runtime/v1/api.ts";
import type { ContainerRecord } from "../containers/container-record.ts";
import { listContainers as list } from "../containers/find-container.ts";
import type { Engine } from "../engine.ts";
import { listFirstDigests } from "../images/list-images.ts";
import { toCriContainer, toCriState } from "./cri-container.ts";
import { matchLabels } from "./match-labels.ts";

/** Containers in one message of StreamContainers. */
const STREAM_CHUNK = 100;

/** ListContainers. */
export async function listContainers(
  engine: Engine,
  request: ListContainersRequest,
): Promise<ListContainersResponse> {
  return { containers: await listMatching(engine, request.filter) };
}

/** StreamContainers: the same list in parts. */
export async function* streamContainers(
  engine: Engine,
  request: StreamContainersRequest,
): AsyncGenerator<StreamContainersResponse> {
  const containers = await listMatching(engine, request.filter);
  for (let offset = 0; offset < containers.length; offset += STREAM_CHUNK) {
    yield { containers: containers.slice(offset, offset + STREAM_CHUNK) };
  }
}

async function listMatching(
  engine: Engine,
  filter: ContainerFilter | undefined,
): Promise<Container[]> {
  let digests: ReadonlyMap<string, string> | undefined;
  const imageRefOf = (id: string) => {
    digests ??= listFirstDigests(engine);
    return digests.get(id) ?? id;
  };
  const containers: Container[] = [];
  for (const record of await list(engine)) {
    if (matches(record, filter)) containers.push(toCriContainer(record, imageRefOf));
  }
  return containers;
}

/** IDs may be cut short, as everywhere. */
function matches(record: ContainerRecord, filter: ContainerFilter | undefined): boolean {
  if (filter === undefined) return true;
  return (
    record.id.startsWith(filter.id) &&
    record.sandboxId.startsWith(filter.podSandboxId) &&
    (filter.state === undefined || filter.state.state === toCriState(record)) &&
    matchLabels(record.config.labels, filter.labelSelector)
  );
}
