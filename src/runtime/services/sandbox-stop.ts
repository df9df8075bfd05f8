import type {
  StopPodSandboxRequest,
  StopPodSandboxResponse,
} from "../../cri/gen/runtime/v1/api.ts";
import type { CallOptions } from "../../cri/services.ts";
import type { Engine } from "../engine.ts";
import { resolveSandboxId } from "../sandboxes/sandbox-store.ts";
import { stopSandbox } from "../sandboxes/stop-sandbox.ts";
import { callSignal } from "./call-signal.ts";

/** StopPodSandbox: idempotent, and a pod that is not there is stopped. */
export async function stopPodSandbox(
  engine: Engine,
  request: StopPodSandboxRequest,
  options: CallOptions = {},
): Promise<StopPodSandboxResponse> {
  const id = resolveSandboxId(engine, request.podSandboxId);
  if (id !== undefined) await stopSandbox(engine, id, callSignal(options));
  return {};
}
