import type { Attachment } from "./network-list.ts";
import { runPlugin } from "./run-plugin.ts";

/**
 * CHECK through every plugin of an attached network; resolves to the failures, none when all agree.
 * A diagnosis for people and never a state: portmap's CHECK fails on every IPv4-only pod.
 */
export async function checkNetwork(
  attachment: Attachment,
  options: { pluginDirs: readonly string[]; signal?: AbortSignal | undefined },
): Promise<readonly Error[]> {
  const failures: Error[] = [];
  for (const plugin of attachment.list.plugins) {
    await runPlugin({
      ...options,
      command: "CHECK",
      attachment,
      plugin,
      previousResult: attachment.result,
      namespaceFile: attachment.namespaceFile,
    }).catch((error: Error) => failures.push(error));
  }
  return failures;
}
