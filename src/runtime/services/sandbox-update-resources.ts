import { createMessage } from "../../cri/create-message.ts";
import {
  LinuxPodSandboxConfig,
  type UpdatePodSandboxResourcesRequest,
  type UpdatePodSandboxResourcesResponse,
} from "../../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../../errors/status-error.ts";
import { applyResources } from "../cgroups/apply-resources.ts";
import { mergeLimits } from "../cgroups/merge-limits.ts";
import type { Engine } from "../engine.ts";
import { assertSandboxReady } from "../sandboxes/assert-sandbox-ready.ts";
import {
  getSandbox,
  resolveSandboxId,
  updateSandboxConfigWithin,
} from "../sandboxes/sandbox-store.ts";

/** UpdatePodSandboxResources: new limits for the pod's cgroup and its configuration. */
export async function updatePodSandboxResources(
  engine: Engine,
  request: UpdatePodSandboxResourcesRequest,
): Promise<UpdatePodSandboxResourcesResponse> {
  const id = resolveSandboxId(engine, request.podSandboxId);
  if (id === undefined) throw new StatusError("NotFound", `no pod "${request.podSandboxId}"`);
  return await engine.locks.withLock(`pod:${id}`, {}, async () => {
    assertSandboxReady(engine, id);
    const { cgroupPath, config } = getSandbox(engine, id);
    for (const limits of [request.resources, request.overhead]) {
      if (limits !== undefined) applyResources(cgroupPath, limits);
    }
    const linux = {
      ...(config.linux ?? createMessage(LinuxPodSandboxConfig)),
      resources: mergeLimits(config.linux?.resources, request.resources),
      overhead: mergeLimits(config.linux?.overhead, request.overhead),
    };
    await engine.database.write((db) => updateSandboxConfigWithin(db, id, { ...config, linux }));
    return {};
  });
}
