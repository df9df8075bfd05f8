import type {
  ListPodSandboxRequest,
  ListPodSandboxResponse,
  PodSandbox,
  PodSandboxFilter,
} from "../../cri/gen/runtime/v1/api.ts";
import type { Engine } from "../engine.ts";
import { listSandboxes } from "../sandboxes/sandbox-store.ts";
import { toPodSandbox } from "../sandboxes/to-cri.ts";

/** ListPodSandbox, the oldest first. */
export async function listPodSandbox(
  engine: Engine,
  request: ListPodSandboxRequest,
): Promise<ListPodSandboxResponse> {
  const pods = listSandboxes(engine).map((sandbox) => toPodSandbox(engine, sandbox));
  const { filter } = request;
  return { items: filter === undefined ? pods : pods.filter((pod) => matches(pod, filter)) };
}

/** The ID may be a prefix; every label must be there with its value. */
function matches(pod: PodSandbox, filter: PodSandboxFilter): boolean {
  return (
    pod.id.startsWith(filter.id) &&
    (filter.state === undefined || pod.state === filter.state.state) &&
    Object.entries(filter.labelSelector).every(([name, value]) => pod.labels[name] === value)
  );
}
