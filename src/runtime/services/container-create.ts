import type {
  ContainerConfig,
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
import type { Sandbox } from "../sandboxes/sandbox.ts";
import { getSandbox, resolveSandboxId } from "../sandboxes/sandbox-store.ts";

/**
 * CreateContainer: NotFound for an unknown pod or image, FailedPrecondition for a stopped pod and for
 * a privileged container in one that is not.
 */
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
  assertMayBePrivileged(sandbox, config);
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

/** CRI: the pod's flag MUST be true where a privileged container is to run in it. */
function assertMayBePrivileged(sandbox: Sandbox, config: ContainerConfig): void {
  if (!config.linux?.securityContext?.privileged) return;
  if (sandbox.config.linux?.securityContext?.privileged) return;
  throw new StatusError(
    "FailedPrecondition",
    `the pod "${sandbox.id}" takes no privileged container`,
    { hint: "a pod that does is run with linux.security_context.privileged: true" },
  );
}
