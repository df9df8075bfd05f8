import type { PodSandboxConfig } from "../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../errors/status-error.ts";
import { callOptions } from "./call-options.ts";
import { configInInfo } from "./config-in-info.ts";
import type { Context } from "./context.ts";

/**
 * The configuration that a pod was run from, as containerd and the embedded runtime remember it in
 * the verbose status. Throws FailedPrecondition where a runtime does not tell.
 */
export async function fetchPodConfig(
  context: Context,
  podSandboxId: string,
): Promise<PodSandboxConfig> {
  const { runtime } = await context.backend();
  const request = { podSandboxId, verbose: true };
  const { info } = await runtime.podSandboxStatus(request, callOptions(context));
  try {
    return await configInInfo("PodSandboxConfig", info.info);
  } catch (cause) {
    throw new StatusError(
      "FailedPrecondition",
      `the runtime does not tell what the pod "${podSandboxId}" was run from`,
      { cause, hint: "name the pod's file after the container's" },
    );
  }
}
