import { callOptions } from "./call-options.ts";
import type { Context } from "./context.ts";
import { needSandboxes, podOf } from "./pod-facts.ts";

/**
 * Whether the word is a container beyond doubt: its name, namespace/pod/name, its ID or twelve
 * digits of it. A shorter prefix could as well be a command (`cat`, `dd`).
 */
export async function namesContainer(context: Context, word: string): Promise<boolean> {
  const { runtime } = await context.backend();
  const { containers } = await runtime.listContainers({ filter: undefined }, callOptions(context));
  if (/^[0-9a-f]{12,64}$/.test(word) && containers.some(({ id }) => id.startsWith(word))) {
    return true;
  }
  const named = containers.filter(({ metadata }) => metadata?.name === word.split("/").at(-1));
  if (!word.includes("/")) return named.length > 0;
  const pods = needSandboxes(named)
    ? (await runtime.listPodSandbox({ filter: undefined }, callOptions(context))).items
    : [];
  return named.some((container) => {
    const pod = podOf(container, pods);
    return word === `${pod.namespace}/${pod.name}/${container.metadata?.name}`;
  });
}
