import { type Container, ContainerState } from "../../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../../errors/status-error.ts";
import { callOptions } from "../call-options.ts";
import type { Context } from "../context.ts";
import { processInInfo } from "./process-in-info.ts";

/**
 * The PID of the container's main process, as the node of the runtime counts. Throws
 * FailedPrecondition where it does not run, and where the runtime does not tell.
 */
export async function getProcess(
  context: Context,
  { id, state }: Pick<Container, "id" | "state">,
  reference: string,
): Promise<number> {
  if (state !== ContainerState.CONTAINER_RUNNING && state !== ContainerState.CONTAINER_CREATED) {
    throw notRunning(reference);
  }
  const { runtime } = await context.backend();
  const request = { containerId: id, verbose: true };
  const { status, info } = await runtime.containerStatus(request, callOptions(context));
  const pid = pidOf(info.info);
  if (pid !== undefined) return pid;
  if (status?.state !== ContainerState.CONTAINER_RUNNING) throw notRunning(reference);
  throw new StatusError(
    "FailedPrecondition",
    `the runtime does not tell the process of container "${reference}"`,
  );
}

function pidOf(info: string | undefined): number | undefined {
  try {
    return processInInfo(info);
  } catch {
    return undefined;
  }
}

function notRunning(reference: string): StatusError {
  return new StatusError("FailedPrecondition", `container "${reference}" is not running`, {
    hint: "only what runs has a process",
  });
}
