import { ContainerState } from "../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../errors/status-error.ts";
import { callOptions } from "./call-options.ts";
import type { Context } from "./context.ts";
import { deleteLogs } from "./delete-logs.ts";

/**
 * Removes a container and the log files that lie on this node. One that runs is killed first with
 * `force`, and else refused with FailedPrecondition. Logs that cannot be deleted are told on stderr.
 */
export async function removeContainer(
  context: Context,
  id: string,
  reference: string,
  options: { readonly force: boolean; readonly keepLogs: boolean },
): Promise<void> {
  const backend = await context.backend();
  const call = callOptions(context);
  const { status } = await backend.runtime.containerStatus(
    { containerId: id, verbose: false },
    call,
  );
  if (status?.state === ContainerState.CONTAINER_RUNNING) {
    if (!options.force) throw containerRuns(reference);
    await backend.runtime.stopContainer({ containerId: id, timeout: 0n }, call);
  }
  await backend.runtime.removeContainer({ containerId: id }, call);
  const isHere = !backend.endpoint.startsWith("tcp:");
  if (options.keepLogs || !isHere || !status?.logPath) return;
  for (const path of await deleteLogs(status.logPath)) {
    await context.stderr.write(`log file "${path}" could not be deleted\n`);
  }
}

/** Why a container that runs is not removed. */
export function containerRuns(reference: string): StatusError {
  return new StatusError("FailedPrecondition", `container "${reference}" is running`, {
    hint: "stop it first, or remove it with --force",
  });
}
