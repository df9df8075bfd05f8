import { type Container, ContainerState } from "../../cri/gen/runtime/v1/api.ts";
import type { ContainerRecord } from "../containers/container-record.ts";
import { phaseOf } from "../containers/container-state.ts";

/** A record as ListContainers shows it; `imageRefOf` is what ContainerStatus says of the image. */
export function toCriContainer(
  record: ContainerRecord,
  imageRefOf: (imageId: string) => string,
): Container {
  const { config } = record;
  return {
    id: record.id,
    podSandboxId: record.sandboxId,
    metadata: config.metadata,
    image: config.image,
    imageRef: imageRefOf(record.imageId),
    state: toCriState(record),
    createdAt: record.createdAtNs,
    labels: config.labels,
    annotations: config.annotations,
    imageId: record.imageId,
  };
}

export function toCriState(record: ContainerRecord): ContainerState {
  switch (phaseOf(record)) {
    case "created":
      return ContainerState.CONTAINER_CREATED;
    case "running":
      return ContainerState.CONTAINER_RUNNING;
    case "exited":
      return ContainerState.CONTAINER_EXITED;
    default:
      return ContainerState.CONTAINER_UNKNOWN;
  }
}
