import { type Container, ContainerState, type PodSandbox } from "../../cri/gen/runtime/v1/api.ts";
import { hasCode } from "../../errors/status-error.ts";
import { DEFAULT_GRACE_SECONDS } from "../../manifest/container-config.ts";
import { readAppliedManifest } from "../../manifest/read-applied-manifest.ts";
import { LABELS } from "../../manifest/sandbox-config.ts";
import type { Context } from "../context.ts";
import { podFiles, removePodFiles } from "./pod-files.ts";

export interface RemoveOptions {
  /** For containers to end by themselves; those of the manifest where undefined. */
  readonly graceSeconds: number | undefined;
  /** None for an undoing, which goes on after Ctrl-C. */
  readonly signal: AbortSignal | undefined;
}

const CALL_MS = 60_000;

/**
 * Stops the pod's containers, the sidecars last and in reverse, and removes the pod with all that
 * apply has made for it on the node. Idempotent.
 */
export async function removeAppliedPod(
  context: Context,
  sandbox: PodSandbox,
  { graceSeconds, signal }: RemoveOptions,
): Promise<void> {
  const { runtime } = await context.backend();
  const { id: podSandboxId, metadata } = sandbox;
  const spec = readAppliedManifest(sandbox)?.spec;
  const grace = graceSeconds ?? spec?.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS;
  const call = { timeoutMs: CALL_MS, ...(signal === undefined ? {} : { signal }) };
  if (grace > 0) {
    const filter = { id: "", state: { state: RUNNING }, podSandboxId, labelSelector: {} };
    const { containers } = await runtime.listContainers({ filter }, call);
    const sidecars = (spec?.initContainers ?? []).map(({ name }) => name);
    const isSidecar = (container: Container) => sidecars.includes(nameOf(container));
    const stop = async ({ id }: Container) => {
      const timeoutMs = CALL_MS + grace * 1000;
      const request = { containerId: id, timeout: BigInt(grace) };
      await runtime.stopContainer(request, { ...call, timeoutMs });
    };
    await Promise.all(containers.filter((container) => !isSidecar(container)).map(stop));
    const last = containers
      .filter(isSidecar)
      .sort((a, b) => sidecars.indexOf(nameOf(b)) - sidecars.indexOf(nameOf(a)));
    for (const container of last) await stop(container);
  }
  try {
    await runtime.stopPodSandbox({ podSandboxId }, call);
    await runtime.removePodSandbox({ podSandboxId }, call);
  } catch (error) {
    if (!hasCode(error, "NotFound")) throw error;
  }
  if (metadata !== undefined) await removePodFiles(podFiles(context.env, metadata));
}

const RUNNING = ContainerState.CONTAINER_RUNNING;

function nameOf({ metadata, labels }: Container): string {
  return metadata?.name ?? labels[LABELS.containerName] ?? "";
}
