import type { JsonValue } from "../../cri/json/to-json.ts";
import { renderJson, renderJsonLine } from "../../output/json.ts";
import { renderYaml } from "../../output/yaml.ts";
import type { OutputStream } from "../context.ts";
import type { List } from "./list.ts";
import { itemToDocument, listDocument } from "./list-document.ts";

/** Few enough that a long list never stands in memory as text, enough that a write is worth it. */
const BATCH_ITEMS = 100;

type ItemsFormat = "json" | "yaml" | "jsonl";

/** Whether the format is of those that writeItems knows. */
export function isItemsFormat(kind: string): kind is ItemsFormat {
  return kind === "json" || kind === "yaml" || kind === "jsonl";
}

/**
 * Writes the runtime's answer in protobuf's JSON mapping, or crish's own list: a part of it at a time, but
 * a list of crish's own at once, unless as jsonl.
 */
export async function writeItems<Item, Row>(
  stdout: OutputStream,
  list: List<Item, Row>,
  format: ItemsFormat,
): Promise<void> {
  for await (const text of renderItems(list, format)) await stdout.write(text);
}

async function* renderItems<Item, Row>(
  list: List<Item, Row>,
  format: ItemsFormat,
): AsyncGenerator<string> {
  const batches = await jsonBatches(list);
  if (format === "jsonl") {
    for (const batch of batches) yield batch.map(renderJsonLine).join("");
  } else if ("document" in list) {
    const whole = await listDocument(list);
    yield format === "json" ? renderJson(whole) : await renderYaml(whole);
  } else if (list.items.length === 0) {
    yield format === "json"
      ? renderJson({ [list.field]: [] })
      : await renderYaml({ [list.field]: [] });
  } else if (format === "json") {
    yield* jsonDocument(list.field, batches);
  } else {
    yield* yamlDocument(list.field, batches);
  }
}

async function jsonBatches<Item, Row>(list: List<Item, Row>) {
  const { items } = list;
  const toDocument = await itemToDocument<Item>(list);
  return (function* () {
    for (let from = 0; from < items.length; from += BATCH_ITEMS) {
      const batch = items.slice(from, from + BATCH_ITEMS);
      yield batch.map((item): JsonValue => toDocument(item));
    }
  })();
}

function* jsonDocument(field: string, batches: Iterable<readonly JsonValue[]>): Generator<string> {
  let before = `{\n  ${JSON.stringify(field)}: [\n`;
  for (const batch of batches) {
    // Two levels deep; a string of JSON has no line breaks.
    const items = batch.map(
      (item) => `    ${renderJson(item).trimEnd().replaceAll("\n", "\n    ")}`,
    );
    yield before + items.join(",\n");
    before = ",\n";
  }
  yield "\n  ]\n}\n";
}

async function* yamlDocument(
  field: string,
  batches: Iterable<readonly JsonValue[]>,
): AsyncGenerator<string> {
  yield `${field}:\n`;
  for (const batch of batches) yield (await renderYaml(batch)).replaceAll(/^(?=.)/gm, "  ");
}
