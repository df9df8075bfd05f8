import type {
  RemovePodSandboxRequest,
  RemovePodSandboxResponse,
} from "../../cri/gen/runtime/v1/api.ts";
import type { CallOptions } from "../../cri/services.ts";
import type { Engine } from "../engine.ts";
import { removeSandbox } from "../sandboxes/remove-sandbox.ts";
import { resolveSandboxId } from "../sandboxes/sandbox-store.ts";
import { callSignal } from "./call-signal.ts";

/** RemovePodSandbox: idempotent, and a pod that is not there is removed. */
export async function removePodSandbox(
  engine: Engine,
  request: RemovePodSandboxRequest,
  options: CallOptions = {},
): Promise<RemovePodSandboxResponse> {
  const id = resolveSandboxId(engine, request.podSandboxId);
  if (id !== undefined) await removeSandbox(engine, id, callSignal(options));
  return {};
}
