import type { JsonValue } from "../../cri/json/to-json.ts";
import type { JsonDocument, List, MessageItems, PlainItems } from "./list.ts";

/** What makes the JSON of an item: protobuf's mapping of a message, or the document that it is. */
export async function itemToDocument<Item>(
  list: MessageItems | PlainItems<Item>,
): Promise<(item: Item) => JsonDocument> {
  if ("document" in list) return (item) => list.document(item);
  const { toJson } = await import("../../cri/json/to-json.ts");
  return (item) => toJson(list.message, item as object);
}

/** The whole answer, with the items that are left in their order. */
export async function listDocument<Item, Row>(list: List<Item, Row>): Promise<JsonValue> {
  if ("document" in list) return list.whole(list.items.map((item) => list.document(item)));
  const { toJson } = await import("../../cri/json/to-json.ts");
  return toJson(list.answer, { [list.field]: list.items });
}
