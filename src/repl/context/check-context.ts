import { callOptions } from "../../cli/call-options.ts";
import type { Context } from "../../cli/context.ts";
import type { Container } from "../../cri/gen/runtime/v1/api.ts";
import type { ShellContext } from "../shell.ts";
import { formatContext } from "./format-context.ts";

export interface ContextCheck {
  /** What is left: the pod where its container has gone, undefined where the pod has. */
  readonly left: ShellContext | undefined;
  /** What has gone, in words, where something has. */
  readonly gone?: string;
  /** The newer attempt of the container, by its ID, where there is one. */
  readonly newer?: string;
}

/**
 * Whether the objects of a context are still there. A context holds IDs: a newer attempt of a
 * container is another object, which is told of and never taken instead.
 */
export async function checkContext(context: Context, checked: ShellContext): Promise<ContextCheck> {
  const { runtime } = await context.backend();
  const { pod, container } = checked;
  const call = callOptions(context);
  const { items } = await runtime.listPodSandbox({ filter: undefined }, call);
  if (!items.some(({ id }) => id === pod.id)) {
    return { left: undefined, gone: `pod "${formatContext({ pod })}" is gone` };
  }
  if (container === undefined) return { left: checked };
  const { containers } = await runtime.listContainers({ filter: undefined }, call);
  const newer = newerAttempt(containers, pod.id, container);
  const isThere = containers.some(({ id }) => id === container.id);
  return {
    left: isThere ? checked : { pod },
    ...(isThere ? {} : { gone: `container "${formatContext(checked)}" is gone` }),
    ...(newer === undefined ? {} : { newer: newer.id }),
  };
}

function newerAttempt(
  containers: readonly Container[],
  podId: string,
  { id, name }: { readonly id: string; readonly name: string },
): Container | undefined {
  const attempts = containers
    .filter(({ podSandboxId, metadata }) => podSandboxId === podId && metadata?.name === name)
    .sort((left, right) => (left.createdAt > right.createdAt ? -1 : 1));
  const newest = attempts[0];
  return newest?.id === id ? undefined : newest;
}
