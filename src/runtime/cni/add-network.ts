import { ensureMasquerade } from "./ensure-masquerade.ts";
import type { Attachment, CniResult } from "./network-list.ts";
import { runPlugin } from "./run-plugin.ts";

/**
 * ADD through every plugin of the list, each with the result of the one before it; resolves to the
 * attachment with the last result. After a failure some plugins may have been added: the caller
 * undoes it by `deleteNetwork`, as after success.
 */
export async function addNetwork(
  attachment: Attachment,
  options: { pluginDirs: readonly string[]; signal?: AbortSignal | undefined },
): Promise<Attachment & { readonly result: CniResult }> {
  const { masquerade, name } = attachment.list;
  const masked =
    masquerade === undefined
      ? undefined
      : ensureMasquerade({ network: name, subnet: masquerade, signal: options.signal });
  // Heard below, when the plugins are done.
  masked?.catch(() => {});
  let result: CniResult | undefined;
  for (const plugin of attachment.list.plugins) {
    const printed = await runPlugin({
      ...options,
      command: "ADD",
      attachment,
      plugin,
      previousResult: result,
      namespaceFile: attachment.namespaceFile,
    });
    result = printed ?? result;
  }
  await masked;
  return { ...attachment, result: result ?? {} };
}
