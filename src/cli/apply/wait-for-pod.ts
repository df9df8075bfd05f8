import { ContainerState } from "../../cri/gen/runtime/v1/api.ts";
import { sleep } from "../../host/sleep.ts";
import type { Context } from "../context.ts";
import { startProgress } from "../progress.ts";
import type { CreatedPod } from "./create-pod.ts";
import { failure, restartsFailed, statusOf, tellFailure, tellLog } from "./run-to-end.ts";
import { type Started, startContainer } from "./start-container.ts";

export type WaitFor = "running" | "completed";

const CHECK_MS = 100;
/** How long all containers must have run: one that dies at its start does not look like running. */
const SETTLE_MS = 2000;

/**
 * Waits until all containers run and have done so for two seconds, or until all have ended with
 * status 0. A container that fails meanwhile is started once more, where the pod's policy does so;
 * one that fails again, or may not be started again, is thrown as Aborted. The pod stays as it is.
 */
export async function waitForPod(
  context: Context,
  { making, started }: CreatedPod,
  wanted: WaitFor,
): Promise<void> {
  const name = making.pod.manifest.metadata.name;
  const progress = startProgress(context.stderr, `pod/${name}: waiting until ${wanted}`);
  try {
    const present = [...started];
    let steadySince = performance.now();
    for (;;) {
      let isDone = true;
      for (const [index, container] of present.entries()) {
        const next = await look(context, { making, container, wanted });
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

interface Look {
  readonly making: CreatedPod["making"];
  readonly container: Started;
  readonly wanted: WaitFor;
}

/** Whether a container is as it is wanted; the one that takes its place where it was started again. */
async function look(
  context: Context,
  { making, container, wanted }: Look,
): Promise<"done" | "waiting" | Started> {
  const status = await statusOf(context, container);
  if (status.state === ContainerState.CONTAINER_RUNNING) {
    return wanted === "running" ? "done" : "waiting";
  }
  if (status.state !== ContainerState.CONTAINER_EXITED) return "waiting";
  const isGood = status.exitCode === 0;
  if (isGood && wanted === "completed") return "done";
  const isAlways = (making.pod.manifest.spec.restartPolicy ?? "Always") === "Always";
  const mayRestart = isGood ? isAlways : restartsFailed(making);
  if (mayRestart && container.attempt === 0) {
    await tellFailure(context, container, status);
    return await startContainer(context, making, { ...container, attempt: 1 });
  }
  if (isGood) return "done";
  await tellLog(context, container);
  throw failure(container, status, "container");
}
