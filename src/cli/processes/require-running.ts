import { type Container, ContainerState } from "../../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../../errors/status-error.ts";

/** Throws FailedPrecondition for a container that does not run; the hint says what that is needed for. */
export function requireRunning(
  { state }: Pick<Container, "state">,
  reference: string,
  hint: string,
): void {
  if (state === ContainerState.CONTAINER_RUNNING) return;
  throw new StatusError("FailedPrecondition", `container "${reference}" is not running`, { hint });
}
