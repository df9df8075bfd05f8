import type { Container, ContainerState } from "../cri/gen/runtime/v1/api.ts";
import { callOptions } from "./call-options.ts";
import type { Context } from "./context.ts";
import { refuseNamesWithAll } from "./inspect-each.ts";
import { type Resolved, resolveContainers } from "./resolve-objects.ts";

/**
 * The containers of a verb that takes either names or --all: the named ones, or all of the given
 * state (undefined: of any). Throws InvalidArgument for both.
 */
export async function wantedContainers(
  context: Context,
  options: {
    readonly references: readonly string[];
    readonly all: boolean;
    readonly state?: ContainerState;
  },
): Promise<readonly Resolved<Container>[]> {
  const { references, all, state } = options;
  if (!all) return await resolveContainers(context, references);
  refuseNamesWithAll(references);
  const { runtime } = await context.backend();
  const { containers } = await runtime.listContainers({ filter: undefined }, callOptions(context));
  return containers
    .filter((container) => state === undefined || container.state === state)
    .map((object) => ({ reference: object.id, object }));
}
