/**
 * src/cli/list-output: what every verb that prints a list shares, from the flags that choose and
 * order its columns to formats, templates and --watch. A verb says what a row is and what its
 * columns hold; nothing here knows a verb.
 */
import type { MessageName } from "../../cri/json/field-table.ts";
import type { JsonValue } from "../../cri/json/to-json.ts";
import type { Cell } from "../../output/table.ts";
import type { VerboseLine } from "../../output/verbose.ts";

/** What a verb prints: items, each as one row of a table or as several. */
export type List<Item, Row = Item> = ListedItems<Item, Row> & (MessageItems | PlainItems<Item>);

/** Items of the runtime's answer. */
export interface MessageItems {
  /** The message of an item, and that of the whole answer with the field that holds the items. */
  readonly message: MessageName;
  readonly answer: MessageName;
  readonly field: string;
}

/** Items of crish's own, as JSON has them. Neither function changes what it is given. */
export interface PlainItems<Item> {
  document(item: Item): JsonDocument;
  /** The document of all items together: their array, or what the verb puts around it. */
  whole(documents: readonly JsonDocument[]): JsonValue;
}

export type JsonDocument = { [key: string]: JsonValue };

/** For items that hold nothing but what JSON has: what is undefined is left out. */
export function plainDocument<Item extends object>(
  item: { [Key in keyof Item]: JsonValue | undefined },
): JsonDocument {
  const entries = Object.entries<JsonValue | undefined>(item);
  return Object.fromEntries(
    entries.filter((entry): entry is [string, JsonValue] => entry[1] !== undefined),
  );
}

export interface ListedItems<Item, Row> {
  readonly items: readonly Item[];
  id(item: Item): string;
  /** What other verbs take for the item: what `-o name` prints. */
  reference(item: Item): string;
  /** For --verbose; without it the flag is the verb's own. */
  verbose?(item: Item): readonly VerboseLine[];
  rows(item: Item): readonly Row[];
  readonly columns: readonly ListColumn<Row>[];
  /** Titles of columns that a narrow terminal goes without, the first one first. */
  readonly dispensable: readonly string[];
}

export interface ListColumn<Row> {
  /** As in the heading: `POD ID`. `--columns` and `--sort-by` take `pod-id` as well. */
  readonly title: string;
  cell(row: Row): string | Cell;
  /** What rows are sorted by where that is not the text of the cell. */
  sortKey?(row: Row): SortKey;
  /** Absent: always. `wide`: with -o wide. `asked`: where --columns names it. */
  readonly shown?: "wide" | "asked";
}

export type SortKey = string | number | bigint;

/** `POD ID` as --columns has it. */
export function columnName(title: string): string {
  return title.toLowerCase().replaceAll(" ", "-");
}

/** A cell whose colour says something; plain text where it says nothing. */
export function withTone(text: string, tone: Cell["tone"]): string | Cell {
  return tone === undefined ? text : { text, tone };
}

/** Labels or annotations in one cell: `app=web,tier=front`. */
export function pairsText(pairs: Readonly<Record<string, string>>): string {
  const entries = Object.entries(pairs).sort(([left], [right]) => (left < right ? -1 : 1));
  return entries.map(([key, value]) => `${key}=${value}`).join(",");
}
