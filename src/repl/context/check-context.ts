import { callOptions } from "../../cli/call-options.ts";
import type { Context, KnownObjects } from "../../cli/context.ts";
import { meantAttempt } from "../../cli/meant-attempt.ts";
import { isNewer } from "../../cli/resolve-objects.ts";
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
export async function checkContext(
  context: Context,
  checked: ShellContext,
  known: KnownObjects = {},
): Promise<ContextCheck> {
  const { pod, container } = checked;
  if (!(await isPodThere(context, pod.id, known))) {
    return { left: undefined, gone: `pod "${formatContext({ pod })}" is gone` };
  }
  // Who acts on the pod has listed pods alone: its containers do not matter then.
  const isAboutPod = known.pods !== undefined && known.containers === undefined;
  if (container === undefined || isAboutPod) return { left: checked };
  const containers = known.containers ?? (await listContainers(context));
  const newer = newerAttempt(containers, pod.id, container);
  const isThere = containers.some(({ id }) => id === container.id);
  return {
    left: isThere ? checked : { pod },
    ...(isThere ? {} : { gone: `container "${formatContext(checked)}" is gone` }),
    ...(newer === undefined ? {} : { newer: newer.id }),
  };
}

/** No container outlives its pod. */
async function isPodThere(context: Context, podId: string, known: KnownObjects): Promise<boolean> {
  if (known.containers?.some(({ podSandboxId }) => podSandboxId === podId)) return true;
  if (known.pods !== undefined) return known.pods.some(({ id }) => id === podId);
  const { runtime } = await context.backend();
  const { items } = await runtime.listPodSandbox({ filter: undefined }, callOptions(context));
  return items.some(({ id }) => id === podId);
}

async function listContainers(context: Context): Promise<readonly Container[]> {
  const { runtime } = await context.backend();
  return (await runtime.listContainers({ filter: undefined }, callOptions(context))).containers;
}

function newerAttempt(
  containers: readonly Container[],
  podId: string,
  { id, name }: { readonly id: string; readonly name: string },
): Container | undefined {
  const attempts = containers.filter(
    ({ podSandboxId, metadata }) => podSandboxId === podId && metadata?.name === name,
  );
  const own = attempts.find((each) => each.id === id);
  const meant = meantAttempt(attempts);
  return own !== undefined && meant !== undefined && !isNewer(meant, own) ? undefined : meant;
}
