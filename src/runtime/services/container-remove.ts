import type {
  RemoveContainerRequest,
  RemoveContainerResponse,
} from "../../cri/gen/runtime/v1/api.ts";
import type { CallOptions } from "../../cri/services.ts";
import { StatusError } from "../../errors/status-error.ts";
import { resolveContainerId } from "../containers/container-store.ts";
import { removeContainer as remove } from "../containers/remove-container.ts";
import type { Engine } from "../engine.ts";

/** RemoveContainer: an unknown container is removed, a running one is killed first. */
export async function removeContainer(
  engine: Engine,
  request: RemoveContainerRequest,
  options: CallOptions = {},
): Promise<RemoveContainerResponse> {
  if (request.containerId === "") {
    throw new StatusError("InvalidArgument", "the container ID is empty");
  }
  const id = resolveContainerId(engine.database, request.containerId);
  const { signal } = options;
  if (id !== undefined) await remove(engine, id, signal === undefined ? {} : { signal });
  return {};
}
