import { basename, dirname, extname, join } from "node:path";
import type { Container } from "../../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../../errors/status-error.ts";
import { callOptions } from "../call-options.ts";
import type { Context } from "../context.ts";

/**
 * Where a container's log lies on this node. Throws FailedPrecondition where the runtime is
 * another node's or keeps no log of it.
 */
export async function findLog(context: Context, containerId: string): Promise<string> {
  const backend = await context.backend();
  if (/^tcp:/i.test(backend.endpoint)) {
    throw new StatusError(
      "FailedPrecondition",
      `logs are files on the runtime's node, and "${backend.endpoint}" may be another one`,
      { hint: "run crish on that node, over its unix socket" },
    );
  }
  const { status } = await backend.runtime.containerStatus(
    { containerId, verbose: false },
    callOptions(context),
  );
  if (!status?.logPath) {
    throw new StatusError("FailedPrecondition", `container "${containerId}" has no log path`, {
      hint: "the pod was made without log_directory, or the container without log_path",
    });
  }
  return status.logPath;
}

/**
 * The log of the attempt before this one: of the container that the runtime still knows, else of
 * the file that is named by the attempt, as the kubelet names them. Throws NotFound for neither.
 */
export async function findPreviousLog(context: Context, current: Container): Promise<string> {
  const { name = "", attempt = 0 } = current.metadata ?? {};
  const { runtime } = await context.backend();
  const { containers } = await runtime.listContainers(
    {
      filter: {
        id: "",
        state: undefined,
        podSandboxId: current.podSandboxId,
        labelSelector: {},
      },
    },
    callOptions(context),
  );
  const [previous] = containers
    .filter(({ metadata }) => metadata?.name === name && metadata.attempt < attempt)
    .sort((left, right) => (right.metadata?.attempt ?? 0) - (left.metadata?.attempt ?? 0));
  if (previous !== undefined) return await findLog(context, previous.id);
  const path = await findLog(context, current.id);
  const extension = extname(path);
  if (attempt > 0 && basename(path, extension) === String(attempt)) {
    return join(dirname(path), `${attempt - 1}${extension}`);
  }
  throw new StatusError("NotFound", `container "${name}" has no previous attempt`);
}
