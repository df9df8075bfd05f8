import type { StopContainerRequest, StopContainerResponse } from "../../cri/gen/runtime/v1/api.ts";
import type { CallOptions } from "../../cri/services.ts";
import { StatusError } from "../../errors/status-error.ts";
import { findContainer } from "../containers/find-container.ts";
import { stopContainer as stop } from "../containers/stop-container.ts";
import type { Engine } from "../engine.ts";

/** StopContainer: an unknown container is stopped. */
export async function stopContainer(
  engine: Engine,
  request: StopContainerRequest,
  options: CallOptions = {},
): Promise<StopContainerResponse> {
  if (request.containerId === "") {
    throw new StatusError("InvalidArgument", "the container ID is empty");
  }
  const record = await findContainer(engine, request.containerId);
  if (record !== undefined) {
    const { signal } = options;
    await stop(engine, record.id, {
      graceMs: Math.max(0, Number(request.timeout) * 1000),
      ...(signal === undefined ? {} : { signal }),
    });
  }
  return {};
}
