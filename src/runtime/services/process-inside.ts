import type { ContainerRecord } from "../containers/container-record.ts";
import { phaseOf } from "../containers/container-state.ts";
import type { Sandbox } from "../sandboxes/sandbox.ts";

/** A process in the pod's namespaces, which are files: only such a one shows what they have moved. */
export function processInside(
  pod: Sandbox,
  records: readonly ContainerRecord[],
): number | undefined {
  const inside = pod.pause ?? records.find((record) => phaseOf(record) !== "exited")?.init;
  return inside?.pid;
}
