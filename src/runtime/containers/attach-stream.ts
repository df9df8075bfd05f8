import type { StreamIo } from "../../cri/backend.ts";
import type { AttachRequest } from "../../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../../errors/status-error.ts";
import type { Engine } from "../engine.ts";
import { attachClient } from "../shim/attach-client.ts";
import { shimFiles } from "../shim/shim-files.ts";
import { phaseOf } from "./container-state.ts";
import { getContainer } from "./find-container.ts";

/**
 * Connects the caller to the container's own streams, also before its start: then nothing is lost.
 * Resolves when they end. FailedPrecondition for a container that has ended, Cancelled on detach.
 */
export async function attachStream(
  engine: Engine,
  request: AttachRequest,
  io: StreamIo,
): Promise<void> {
  const record = await getContainer(engine, request.containerId);
  if (phaseOf(record) === "exited") {
    throw new StatusError("FailedPrecondition", `container "${record.id}" has exited`);
  }
  const { config } = record;
  const client = await attachClient(
    shimFiles(engine.paths, record.id),
    {
      stdin: request.stdin && config.stdin,
      stdout: request.stdout,
      stderr: request.stderr && !config.tty,
    },
    io,
  );
  io.onOpen?.();
  await client.ended;
}
