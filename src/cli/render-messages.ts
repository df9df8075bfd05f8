import type { MessageName } from "../cri/json/field-table.ts";
import { renderJson } from "../output/json.ts";
import { renderYaml } from "../output/yaml.ts";

/** A message in protobuf's JSON mapping, as JSON or YAML. The mapping is loaded when it is wanted. */
export async function renderMessage(
  message: MessageName,
  value: object,
  format: "json" | "yaml",
): Promise<string> {
  const { toJson } = await import("../cri/json/to-json.ts");
  const json = toJson(message, value);
  return format === "json" ? renderJson(json) : await renderYaml(json);
}
