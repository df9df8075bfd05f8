import type { Container } from "../../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../../errors/status-error.ts";
import { callOptions } from "../call-options.ts";
import type { Context } from "../context.ts";
import { processInInfo } from "./process-in-info.ts";
import { requireRunning } from "./require-running.ts";

/**
 * The PID of the container's main process, as the node of the runtime counts. Throws
 * FailedPrecondition where it does not run, and where the runtime does not tell.
 */
export async function getProcess(
  context: Context,
  container: Pick<Container, "id" | "state">,
  reference: string,
): Promise<number> {
  requireRunning(container, reference, HINT);
  const { runtime } = await context.backend();
  const request = { containerId: container.id, verbose: true };
  const { status, info } = await runtime.containerStatus(request, callOptions(context));
  const pid = pidOf(info.info);
  if (pid !== undefined) return pid;
  // It may have ended since the list.
  requireRunning({ state: status?.state ?? container.state }, reference, HINT);
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

const HINT = "only what runs has a process";
