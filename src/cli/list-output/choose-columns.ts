import { nearestName } from "../../errors/nearest-name.ts";
import { StatusError } from "../../errors/status-error.ts";
import { compileJsonPath } from "../../output/jsonpath/compile-json-path.ts";
import type { CommandInput } from "../command.ts";
import type { OutputFormat } from "../output-format.ts";
import { columnName, type List, type ListColumn } from "./list.ts";
import { itemToDocument } from "./list-document.ts";

/** A row that knows its item, for columns that look into the item's JSON. */
type Column<Row> = ListColumn<Row>;

/**
 * The columns that --columns or `-o custom-columns=` names, else the usual ones and with -o wide the
 * wide ones too. Throws InvalidArgument for a column that the list does not have.
 */
export async function chooseColumns<Item, Row>(
  list: List<Item, Row>,
  flags: CommandInput["flags"],
  format: OutputFormat,
): Promise<readonly Column<Row>[]> {
  const typed = format.kind === "custom-columns" ? format.text : flags.columns;
  if (typeof typed !== "string") {
    const isWide = format.kind === "wide";
    return list.columns.filter(({ shown }) => shown === undefined || (isWide && shown === "wide"));
  }
  const words = splitColumns(typed);
  if (words.length === 0) {
    throw new StatusError("InvalidArgument", "--columns names no column", { hint: hint(list) });
  }
  return await Promise.all(
    words.map(async (word) => findColumn(list, word) ?? (await pathColumn(list, word))),
  );
}

/** The column of that name or title; undefined where the word is none. */
export function findColumn<Item, Row>(
  { columns }: List<Item, Row>,
  word: string,
): Column<Row> | undefined {
  const name = columnName(word.trim());
  return columns.find(({ title }) => columnName(title) === name);
}

/** Throws InvalidArgument: no column has that name. */
export function refuseColumn<Item, Row>(list: List<Item, Row>, word: string, flag: string): never {
  const near = nearestName(
    columnName(word),
    list.columns.map(({ title }) => columnName(title)),
  );
  throw new StatusError("InvalidArgument", `${flag}: there is no column "${word}"`, {
    hint: near === undefined ? hint(list) : `did you mean ${near}?`,
  });
}

async function pathColumn<Item, Row>(list: List<Item, Row>, word: string): Promise<Column<Row>> {
  const colon = word.indexOf(":");
  if (colon <= 0) return refuseColumn(list, word, "--columns");
  const title = word.slice(0, colon);
  const evaluate = compileJsonPath(relaxedPath(word.slice(colon + 1)), { missing: "empty" });
  const toDocument = await itemToDocument<Item>(list);
  const itemOf = itemsByRow(list);
  return {
    title,
    cell: (row) => {
      const item = itemOf.get(row);
      const text = item === undefined ? "" : evaluate(toDocument(item));
      return text === "" ? "<none>" : text;
    },
  };
}

function itemsByRow<Item, Row>({ items, rows }: List<Item, Row>): ReadonlyMap<Row, Item> {
  const map = new Map<Row, Item>();
  for (const item of items) for (const row of rows(item)) map.set(row, item);
  return map;
}

/** `.metadata.name`, `metadata.name` and `{.metadata.name}` mean the same here, as in kubectl. */
export function relaxedPath(text: string): string {
  if (text.startsWith("{")) return text;
  return text.startsWith(".") || text.startsWith("[") ? `{${text}}` : `{.${text}}`;
}

/** At commas outside of brackets and quotes: a JSONPath may have some. */
function splitColumns(text: string): readonly string[] {
  const words: string[] = [""];
  let depth = 0;
  let quote = "";
  for (const character of text) {
    if (quote !== "") quote = character === quote ? "" : quote;
    else if (depth > 0 && (character === "'" || character === '"')) quote = character;
    else if ("[({".includes(character)) depth++;
    else if ("])}".includes(character)) depth--;
    if (character === "," && depth === 0 && quote === "") words.push("");
    else words.push((words.pop() ?? "") + character);
  }
  return words.map((word) => word.trim()).filter((word) => word !== "");
}

function hint<Item, Row>({ columns }: List<Item, Row>): string {
  return `there are ${columns.map(({ title }) => columnName(title)).join(", ")}, and TITLE:JSONPATH`;
}
