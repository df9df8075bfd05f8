import type { ExecSyncRequest, ExecSyncResponse } from "../../cri/gen/runtime/v1/api.ts";
import type { CallOptions } from "../../cri/services.ts";
import { execSync as run } from "../containers/exec-sync.ts";
import type { Engine } from "../engine.ts";

/** ExecSync: the request's timeout is in seconds, 0 for none. */
export async function execSync(
  engine: Engine,
  request: ExecSyncRequest,
  options: CallOptions = {},
): Promise<ExecSyncResponse> {
  const { exitCode, stdout, stderr } = await run(engine, request.containerId, {
    cmd: request.cmd,
    timeoutMs: Number(request.timeout) * 1000,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  return { exitCode, stdout, stderr };
}
