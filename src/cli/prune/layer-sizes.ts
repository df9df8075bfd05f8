import type { Container, ContainerStats } from "../../cri/gen/runtime/v1/api.ts";
import { callOptions } from "../call-options.ts";
import type { Context } from "../context.ts";

/**
 * What containers have written into their own layers, by ID. Those of which the runtime does not tell
 * are left out: some list what has ended, some tell of it when it is asked for, some do neither.
 */
export async function layerSizes(
  context: Context,
  containers: readonly Container[],
): Promise<ReadonlyMap<string, bigint>> {
  const sizes = new Map<string, bigint>();
  if (containers.length === 0) return sizes;
  const { runtime } = await context.backend();
  const call = callOptions(context);
  const add = (stats: ContainerStats | undefined) => {
    const { timestamp = 0n, usedBytes } = stats?.writableLayer ?? {};
    // containerd says 0 at no time before it has looked.
    const isMeasured = timestamp > 0n && usedBytes !== undefined;
    if (isMeasured) sizes.set(stats?.attributes?.id ?? "", usedBytes.value);
  };
  const orNothing = async <T>(pending: Promise<T>): Promise<T | undefined> => {
    try {
      return await pending;
    } catch (error) {
      if (context.signal.aborted) throw error;
      return undefined;
    }
  };
  const listed = await orNothing(runtime.listContainerStats({ filter: undefined }, call));
  for (const stats of listed?.stats ?? []) add(stats);
  // One after another, as in sample-pod-stats.ts.
  for (const { id: containerId } of containers) {
    if (sizes.has(containerId)) continue;
    add((await orNothing(runtime.containerStats({ containerId }, call)))?.stats);
  }
  return sizes;
}
