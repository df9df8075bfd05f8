import type {
  PodSandboxStatusRequest,
  PodSandboxStatusResponse,
} from "../../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../../errors/status-error.ts";
import type { Engine } from "../engine.ts";
import { getSandbox, resolveSandboxId } from "../sandboxes/sandbox-store.ts";
import { toPodSandboxStatus, toVerboseInfo } from "../sandboxes/to-cri.ts";

/** PodSandboxStatus; NotFound for a pod that is not there. */
export async function podSandboxStatus(
  engine: Engine,
  request: PodSandboxStatusRequest,
): Promise<PodSandboxStatusResponse> {
  const id = resolveSandboxId(engine, request.podSandboxId);
  if (id === undefined) throw new StatusError("NotFound", `no pod "${request.podSandboxId}"`);
  const sandbox = getSandbox(engine, id);
  return {
    status: toPodSandboxStatus(engine, sandbox),
    info: request.verbose ? toVerboseInfo(sandbox) : {},
    containersStatuses: [],
    timestamp: engine.now(),
  };
}
