import type {
  ReopenContainerLogRequest,
  ReopenContainerLogResponse,
} from "../../cri/gen/runtime/v1/api.ts";
import type { CallOptions } from "../../cri/services.ts";
import { reopenContainerLog as reopen } from "../containers/reopen-log.ts";
import type { Engine } from "../engine.ts";

/** ReopenContainerLog. */
export async function reopenContainerLog(
  engine: Engine,
  request: ReopenContainerLogRequest,
  options: CallOptions = {},
): Promise<ReopenContainerLogResponse> {
  const { signal } = options;
  await reopen(engine, request.containerId, signal === undefined ? {} : { signal });
  return {};
}
