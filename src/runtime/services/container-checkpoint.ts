import type {
  CheckpointContainerRequest,
  CheckpointContainerResponse,
} from "../../cri/gen/runtime/v1/api.ts";
import type { CallOptions } from "../../cri/services.ts";
import { checkpointContainer as checkpoint } from "../containers/checkpoint-container.ts";
import type { Engine } from "../engine.ts";

const MAX_TIMEOUT_S = 2_147_483n;

/** CheckpointContainer: DeadlineExceeded where it takes longer than the request says; 0 is no limit. */
export async function checkpointContainer(
  engine: Engine,
  request: CheckpointContainerRequest,
  options: CallOptions = {},
): Promise<CheckpointContainerResponse> {
  const { containerId, location, timeout } = request;
  const signals = options.signal === undefined ? [] : [options.signal];
  if (timeout > 0n && timeout <= MAX_TIMEOUT_S) {
    signals.push(AbortSignal.timeout(Number(timeout) * 1000));
  }
  await checkpoint(engine, containerId, { location, signal: AbortSignal.any(signals) });
  return {};
}
