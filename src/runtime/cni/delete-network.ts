import type { Attachment } from "./network-list.ts";
import { removeRules } from "./remove-rules.ts";
import { runPlugin } from "./run-plugin.ts";

/**
 * DEL through every plugin in reverse order, with the configuration and the result of ADD. Every
 * plugin runs, and the first failure is thrown afterwards. Idempotent, as the plugins are. Where the
 * namespace is gone the plugins are told so, and what they then leave in iptables is removed here.
 */
export async function deleteNetwork(
  attachment: Attachment,
  options: {
    pluginDirs: readonly string[];
    namespaceExists: boolean;
    signal?: AbortSignal | undefined;
  },
): Promise<void> {
  const { pluginDirs, namespaceExists, signal } = options;
  const errors: unknown[] = [];
  for (const plugin of attachment.list.plugins.toReversed()) {
    await runPlugin({
      command: "DEL",
      attachment,
      plugin,
      previousResult: attachment.result,
      namespaceFile: namespaceExists ? attachment.namespaceFile : "",
      pluginDirs,
      signal,
    }).catch((error: unknown) => errors.push(error));
  }
  // An unfinished ADD has no result, and without one the plugins do not take back all they did.
  if (!namespaceExists || attachment.result === undefined) {
    await removeRules(attachment.containerId).catch((error: unknown) => errors.push(error));
  }
  if (errors.length > 0) throw errors[0];
}
