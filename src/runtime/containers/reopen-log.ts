import { StatusError } from "../../errors/status-error.ts";
import type { Engine } from "../engine.ts";
import { reopenLog } from "../shim/shim-control.ts";
import { shimFiles } from "../shim/shim-files.ts";
import { assertIsRunning } from "./container-state.ts";
import { getContainer } from "./find-container.ts";

/** After the log was renamed: a new one is there when this resolves. FailedPrecondition unless the container runs. */
export async function reopenContainerLog(
  engine: Engine,
  id: string,
  options: { signal?: AbortSignal } = {},
): Promise<void> {
  const record = await getContainer(engine, id);
  assertIsRunning(record);
  if (record.shim === undefined) {
    throw new StatusError("FailedPrecondition", `container "${record.id}" has no shim`);
  }
  await reopenLog(shimFiles(engine.paths, record.id), {
    shimPid: record.shim.pid,
    logPath: record.logPath,
    ...options,
  });
}
