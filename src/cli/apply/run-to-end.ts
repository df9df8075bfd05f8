import { ContainerState, type ContainerStatus } from "../../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../../errors/status-error.ts";
import { sleep } from "../../host/sleep.ts";
import type { PodManifest } from "../../manifest/pod-shape.ts";
import { callOptions } from "../call-options.ts";
import type { Context } from "../context.ts";
import { findLog } from "../logs/find-log.ts";
import { printLog } from "../logs/print-log.ts";
import { startProgress } from "../progress.ts";
import type { PodMaking } from "./pod-making.ts";
import { type Started, startContainer } from "./start-container.ts";

const CHECK_MS = 100;

/** Runs the init containers that are to end, in their order, and starts those that are sidecars. */
export async function runInitContainers(context: Context, making: PodMaking): Promise<void> {
  const { manifest } = making.pod;
  for (const container of manifest.spec.initContainers ?? []) {
    const started = await startContainer(context, making, { container, attempt: 0 });
    if (container.restartPolicy === "Always") continue;
    const label = `pod/${manifest.metadata.name}: init container ${container.name}`;
    const progress = startProgress(context.stderr, label);
    try {
      await runInit(context, making, started);
    } finally {
      await progress.done();
    }
  }
}

async function runInit(context: Context, making: PodMaking, first: Started): Promise<void> {
  let started = first;
  let status = await waitForEnd(context, started);
  if (status.exitCode !== 0 && restartsFailed(making.pod.manifest)) {
    await tellFailure(context, started, status);
    started = await startContainer(context, making, { ...first, attempt: first.attempt + 1 });
    status = await waitForEnd(context, started);
  }
  if (status.exitCode === 0) return;
  await tellLog(context, started);
  throw failure(started, status, { kind: "init container" });
}

/** Whether the pod's policy starts a container again that has failed. */
export function restartsFailed({ spec }: PodManifest): boolean {
  return spec.restartPolicy !== "Never";
}

export async function tellFailure(
  context: Context,
  { container }: Started,
  status: ContainerStatus,
): Promise<void> {
  const how = `ended with status ${status.exitCode}; it is started once more`;
  await context.stderr.write(`container "${container.name}" ${how}\n`);
}

export function failure(
  { container }: Started,
  status: ContainerStatus,
  { kind, hint }: { readonly kind: "container" | "init container"; readonly hint?: string },
): StatusError {
  const { exitCode, reason } = status;
  const why = reason === "" || reason === "Error" ? "" : ` (${reason})`;
  const text = `${kind} "${container.name}" ended with status ${exitCode}${why}`;
  return new StatusError("Aborted", text, hint === undefined ? {} : { hint });
}

const SHOWN_LINES = 10;

/** The end of what a container has written, before it is gone. */
export async function tellLog(
  context: Context,
  { container, containerId }: Started,
): Promise<void> {
  const { stderr, signal } = context;
  const prefix = Buffer.from(`${container.name}: `);
  const look = { format: "text", timestamps: false, prefixOf: () => prefix } as const;
  try {
    const path = await findLog(context, containerId);
    await printLog({ stdout: stderr, stderr }, path, { look, signal, tailLines: SHOWN_LINES });
  } catch {
    // A runtime may keep no log here; the failure itself is told in any case.
  }
}

async function waitForEnd(context: Context, started: Started): Promise<ContainerStatus> {
  for (;;) {
    const status = await statusOf(context, started);
    if (status.state === ContainerState.CONTAINER_EXITED) return status;
    await sleep(CHECK_MS, { signal: context.signal });
  }
}

export async function statusOf(
  context: Context,
  { containerId, container }: Started,
): Promise<ContainerStatus> {
  const { runtime } = await context.backend();
  const request = { containerId, verbose: false };
  const { status } = await runtime.containerStatus(request, callOptions(context));
  if (status !== undefined) return status;
  throw new StatusError("NotFound", `container "${container.name}" is gone`);
}
