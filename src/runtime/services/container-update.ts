import type {
  UpdateContainerResourcesRequest,
  UpdateContainerResourcesResponse,
} from "../../cri/gen/runtime/v1/api.ts";
import { getContainer } from "../containers/find-container.ts";
import { updateContainerLimits } from "../containers/update-resources.ts";
import type { Engine } from "../engine.ts";

/** UpdateContainerResources: limits at zero stay as they are. */
export async function updateContainerResources(
  engine: Engine,
  request: UpdateContainerResourcesRequest,
): Promise<UpdateContainerResourcesResponse> {
  const { id } = await getContainer(engine, request.containerId);
  if (request.linux !== undefined) await updateContainerLimits(engine, id, request.linux);
  return {};
}
