import type { RunPodSandboxRequest, RunPodSandboxResponse } from "../../cri/gen/runtime/v1/api.ts";
import type { CallOptions } from "../../cri/services.ts";
import { StatusError } from "../../errors/status-error.ts";
import type { Engine } from "../engine.ts";
import { runSandbox } from "../sandboxes/run-sandbox.ts";
import { callSignal } from "./call-signal.ts";

/** RunPodSandbox. */
export async function runPodSandbox(
  engine: Engine,
  request: RunPodSandboxRequest,
  options: CallOptions = {},
): Promise<RunPodSandboxResponse> {
  const { config, runtimeHandler } = request;
  if (config === undefined) {
    throw new StatusError("InvalidArgument", 'could not run the pod: "config" is missing');
  }
  return {
    podSandboxId: await runSandbox(engine, { config, runtimeHandler, ...callSignal(options) }),
  };
}
