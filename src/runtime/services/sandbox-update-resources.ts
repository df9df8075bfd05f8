import type {
  UpdatePodSandboxResourcesRequest,
  UpdatePodSandboxResourcesResponse,
} from "../../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../../errors/status-error.ts";
import { applyResources } from "../cgroups/apply-resources.ts";
import type { Engine } from "../engine.ts";
import { assertSandboxReady } from "../sandboxes/assert-sandbox-ready.ts";
import { getSandbox, resolveSandboxId } from "../sandboxes/sandbox-store.ts";

/** UpdatePodSandboxResources: new limits for the pod's cgroup. */
export async function updatePodSandboxResources(
  engine: Engine,
  request: UpdatePodSandboxResourcesRequest,
): Promise<UpdatePodSandboxResourcesResponse> {
  const id = resolveSandboxId(engine, request.podSandboxId);
  if (id === undefined) throw new StatusError("NotFound", `no pod "${request.podSandboxId}"`);
  return await engine.locks.withLock(`pod:${id}`, {}, async () => {
    assertSandboxReady(engine, id);
    const { cgroupPath } = getSandbox(engine, id);
    for (const limits of [request.resources, request.overhead]) {
      if (limits !== undefined) applyResources(cgroupPath, limits);
    }
    return {};
  });
}
