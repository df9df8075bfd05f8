import type {
  StartContainerRequest,
  StartContainerResponse,
} from "../../cri/gen/runtime/v1/api.ts";
import type { CallOptions } from "../../cri/services.ts";
import { startContainer as start } from "../containers/start-container.ts";
import type { Engine } from "../engine.ts";

/** StartContainer. */
export async function startContainer(
  engine: Engine,
  request: StartContainerRequest,
  options: CallOptions = {},
): Promise<StartContainerResponse> {
  const { signal } = options;
  await start(engine, request.containerId, signal === undefined ? {} : { signal });
  return {};
}
