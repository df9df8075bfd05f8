import type { MessageName } from "../cri/json/field-table.ts";
import type { MessageOf } from "../cri/json/from-json.ts";
import { StatusError } from "../errors/status-error.ts";
import { parseJsonExactly, renderJson } from "../output/json.ts";

/**
 * The configuration that a pod or a container was made from, as containerd and the embedded runtime
 * remember it in the verbose status. Throws InvalidArgument where the runtime does not tell it.
 */
export async function configInInfo<Name extends MessageName>(
  message: Name,
  info: string | undefined,
): Promise<MessageOf<Name>> {
  const { parseConfigText } = await import("../cri/parse-config-text.ts");
  const { config } = parseJsonExactly(info ?? "{}") as { config?: unknown };
  if (config === undefined) throw new StatusError("InvalidArgument", "there is no info.config");
  return await parseConfigText(message, renderJson(config), "info.config");
}
