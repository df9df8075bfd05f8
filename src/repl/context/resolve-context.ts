import { callOptions } from "../../cli/call-options.ts";
import type { Context } from "../../cli/context.ts";
import { meantAttempt } from "../../cli/meant-attempt.ts";
import { type Resolved, resolveContainers, resolvePods } from "../../cli/resolve-objects.ts";
import type { Container, PodSandbox } from "../../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../../errors/status-error.ts";
import type { ShellContext } from "../shell.ts";

/**
 * What `use` means by a word: POD, NAMESPACE/POD, POD/CONTAINER or NAMESPACE/POD/CONTAINER, where
 * POD and CONTAINER are names or IDs; failing those a container of the pod in use, or any. Throws
 * NotFound, or InvalidArgument where it could be several.
 */
export async function resolveContext(
  context: Context,
  word: string,
  current: ShellContext | undefined,
): Promise<ShellContext> {
  const slash = word.lastIndexOf("/");
  const references = slash < 0 ? [word] : [word, word.slice(0, slash)];
  const [whole, above] = await resolvePods(context, references);
  const inPod = await containerBelow(context, above, word.slice(slash + 1));
  if (whole === undefined) throw new StatusError("Internal", "nothing was resolved");
  if ("object" in whole) {
    if (inPod === undefined) return podContext(whole.object);
    throw new StatusError("InvalidArgument", `"${word}" is a pod, and a container of another`, {
      hint: "give the namespace as well, or an ID",
    });
  }
  if (inPod !== undefined) return inPod;
  if (whole.error.code === "InvalidArgument") throw whole.error;
  if (slash < 0) return await byContainer(context, word, current, whole.error);
  if (above !== undefined && "object" in above) {
    const pod = podName(above.object);
    throw new StatusError("NotFound", `pod "${pod}" has no container "${word.slice(slash + 1)}"`, {
      hint: `crish ps -a --pod ${above.object.metadata?.name ?? pod} lists them`,
    });
  }
  throw above?.error ?? new StatusError("NotFound", `pod "${word}" not found`);
}

async function containerBelow(
  context: Context,
  pod: Resolved<PodSandbox> | undefined,
  reference: string,
): Promise<ShellContext | undefined> {
  if (pod === undefined || "error" in pod || reference === "") return undefined;
  const found = await findIn(context, pod.object.id, reference);
  return found === undefined ? undefined : containerContext(pod.object, found);
}

/** The container of that name in the pod, of several attempts the one that is meant, or the one whose ID begins so. */
async function findIn(
  context: Context,
  podId: string,
  reference: string,
): Promise<Container | undefined> {
  const { runtime } = await context.backend();
  const { containers } = await runtime.listContainers({ filter: undefined }, callOptions(context));
  const ofPod = containers.filter(({ podSandboxId }) => podSandboxId === podId);
  const named = ofPod.filter(({ metadata }) => metadata?.name === reference);
  const meant = meantAttempt(named);
  if (meant !== undefined) return meant;
  const byId = ofPod.filter(({ id }) => id.startsWith(reference));
  if (byId.length > 1) {
    throw new StatusError("InvalidArgument", `"${reference}" matches ${byId.length} containers`, {
      hint: "give more of the ID",
    });
  }
  return byId[0];
}

async function byContainer(
  context: Context,
  word: string,
  current: ShellContext | undefined,
  podError: StatusError,
): Promise<ShellContext> {
  const { runtime } = await context.backend();
  const { items } = await runtime.listPodSandbox({ filter: undefined }, callOptions(context));
  const near = current && (await findIn(context, current.pod.id, word));
  const [any] = near === undefined ? await resolveContainers(context, [word]) : [];
  const found = near ?? (any !== undefined && "object" in any ? any.object : undefined);
  const pod = items.find(({ id }) => id === found?.podSandboxId);
  if (found !== undefined && pod !== undefined) return containerContext(pod, found);
  if (any !== undefined && "error" in any && any.error.code === "InvalidArgument") throw any.error;
  throw podError;
}

function podContext(pod: PodSandbox): ShellContext {
  return { pod: { id: pod.id, name: podName(pod) } };
}

function containerContext(pod: PodSandbox, { id, metadata }: Container): ShellContext {
  return { ...podContext(pod), container: { id, name: metadata?.name ?? id } };
}

function podName({ id, metadata }: PodSandbox): string {
  return metadata === undefined ? id : `${metadata.namespace}/${metadata.name}`;
}
