import { ContainerState } from "../../cri/gen/runtime/v1/api.ts";
import { sleep } from "../../host/sleep.ts";
import type { PodManifest } from "../../manifest/pod-shape.ts";
import type { Context } from "../context.ts";
import { startProgress } from "../progress.ts";
import { failure, restartsFailed, statusOf, tellFailure, tellLog } from "./run-to-end.ts";
import type { Started } from "./start-container.ts";

export type WaitFor = "running" | "completed";

const CHECK_MS = 100;
/** How long all containers must have run: one that dies at its start does not look like running. */
const SETTLE_MS = 2000;

export interface WaitOptions {
  readonly manifest: PodManifest;
  readonly started: readonly Started[];
  readonly wanted: WaitFor;
  /** Starts the next attempt of a container; undefined for a pod that was there already. */
  readonly restart: ((failed: Started) => Promise<Started>) | undefined;
}

/**
 * Waits until all containers run and have done so for two seconds, or until all have ended with
 * status 0. A container that fails meanwhile is started once more, where the pod's policy does so;
 * one that fails again, or may not be started again, is thrown as Aborted. The pod stays as it is.
 */
export async function waitForPod(context: Context, options: WaitOptions): Promise<void> {
  const { manifest, wanted } = options;
  const { name } = manifest.metadata;
  const progress = startProgress(context.stderr, `pod/${name}: waiting until ${wanted}`);
  try {
    const present = [...options.started];
    let steadySince = performance.now();
    for (;;) {
      let isDone = true;
      for (const [index, container] of present.entries()) {
        const next = await look(context, container, options);
        if (next === "done") continue;
        isDone = false;
        if (next === "waiting") continue;
        present[index] = next;
        steadySince = performance.now();
      }
      const isSteady = wanted === "completed" || performance.now() - steadySince >= SETTLE_MS;
      if (isDone && isSteady) return;
      await sleep(CHECK_MS, { signal: context.signal });
    }
  } finally {
    await progress.done();
  }
}

/** Whether a container is as it is wanted; the one that takes its place where it was started again. */
async function look(
  context: Context,
  container: Started,
  { manifest, wanted, restart }: WaitOptions,
): Promise<"done" | "waiting" | Started> {
  const status = await statusOf(context, container);
  if (status.state === ContainerState.CONTAINER_RUNNING) {
    return wanted === "running" ? "done" : "waiting";
  }
  if (status.state !== ContainerState.CONTAINER_EXITED) return "waiting";
  const isGood = status.exitCode === 0;
  if (isGood && wanted === "completed") return "done";
  const isAlways = (manifest.spec.restartPolicy ?? "Always") === "Always";
  const mayRestart = isGood ? isAlways : restartsFailed(manifest);
  if (mayRestart && restart !== undefined && container.attempt === 0) {
    await tellFailure(context, container, status);
    return await restart(container);
  }
  if (isGood && !isAlways) return "done";
  await tellLog(context, container);
  const hint = `the pod stays as it is: crish delete pod/${manifest.metadata.name} removes it`;
  throw failure(container, status, { kind: "container", hint });
}
