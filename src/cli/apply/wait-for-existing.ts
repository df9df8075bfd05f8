import type { PodSandbox } from "../../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../../errors/status-error.ts";
import type { PodManifest } from "../../manifest/pod-shape.ts";
import { callOptions } from "../call-options.ts";
import type { Context } from "../context.ts";
import { meantAttempt } from "../meant-attempt.ts";
import type { Started } from "./start-container.ts";
import { type WaitFor, waitForPod } from "./wait-for-pod.ts";

/** Waits as `waitForPod` does for a pod that was there already: nothing in it is started again. */
export async function waitForExisting(
  context: Context,
  { id: podSandboxId }: PodSandbox,
  { manifest, wanted }: { readonly manifest: PodManifest; readonly wanted: WaitFor },
): Promise<void> {
  const { runtime } = await context.backend();
  const filter = { id: "", state: undefined, podSandboxId, labelSelector: {} };
  const { containers } = await runtime.listContainers({ filter }, callOptions(context));
  const started = manifest.spec.containers.map((container): Started => {
    const attempts = containers.filter(({ metadata }) => metadata?.name === container.name);
    const meant = meantAttempt(attempts);
    if (meant !== undefined) {
      return { container, containerId: meant.id, attempt: meant.metadata?.attempt ?? 0 };
    }
    throw new StatusError("Aborted", `container "${container.name}" is gone`, {
      hint: "--replace makes the pod anew",
    });
  });
  await waitForPod(context, { manifest, started, wanted, restart: undefined });
}
