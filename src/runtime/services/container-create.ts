import type {
  CreateContainerRequest,
  CreateContainerResponse,
} from "../../cri/gen/runtime/v1/api.ts";
import type { CallOptions } from "../../cri/services.ts";
import { StatusError } from "../../errors/status-error.ts";
import { createContainer as create } from "../containers/create-container.ts";
import type { Engine } from "../engine.ts";
import { getImage } from "../images/find-image.ts";
import { assertSandboxReady } from "../sandboxes/assert-sandbox-ready.ts";
import { podEnvironment } from "../sandboxes/pod-environment-of.ts";
import { getSandbox, resolveSandboxId } from "../sandboxes/sandbox-store.ts";

/** CreateContainer: NotFound for an unknown pod or image, FailedPrecondition for a stopped pod. */
export async function createContainer(
  engine: Engine,
  request: CreateContainerRequest,
  options: CallOptions = {},
): Promise<CreateContainerResponse> {
  const { config, podSandboxId } = request;
  if (config === undefined) {
    throw new StatusError("InvalidArgument", "the container has no configuration");
  }
  const sandboxId = resolveSandboxId(engine, podSandboxId) ?? podSandboxId;
  const sandbox = getSandbox(engine, sandboxId);
  const assertPodReady = () => assertSandboxReady(engine, sandboxId);
  assertPodReady();
  if (config.image === undefined || config.image.image === "") {
    throw new StatusError("InvalidArgument", "the container names no image");
  }
  const { id } = await create(engine, {
    environment: podEnvironment(engine, sandbox),
    image: getImage(engine, config.image.image),
    config,
    assertPodReady,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  return { containerId: id };
}
