import type { JsonValue } from "../../cri/json/to-json.ts";
import type { List } from "./list.ts";

/** The runtime's answer in protobuf's JSON mapping, with the items that are left in their order. */
export async function listDocument<Item, Row>(
  list: Pick<List<Item, Row>, "answer" | "field" | "items">,
): Promise<{ [key: string]: JsonValue }> {
  const { toJson } = await import("../../cri/json/to-json.ts");
  return toJson(list.answer, { [list.field]: list.items });
}
