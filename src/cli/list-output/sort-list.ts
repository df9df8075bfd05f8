import type { FlagValue } from "../command.ts";
import { findColumn, refuseColumn, relaxedPath } from "./choose-columns.ts";
import type { List, ListColumn, SortKey } from "./list.ts";
import { itemToDocument } from "./list-document.ts";

export interface SortOrder {
  readonly isDescending: boolean;
  /** A column's name, or a JSONPath that has been compiled. */
  readonly by: string | ((json: unknown) => string);
}

/** The order that --sort-by asks for. Throws InvalidArgument for a malformed JSONPath. */
export async function parseSortOrder(value: FlagValue | undefined): Promise<SortOrder | undefined> {
  if (typeof value !== "string" || value === "") return undefined;
  const isDescending = value.startsWith("-");
  const word = isDescending ? value.slice(1) : value;
  if (!/^[{.[]/.test(word)) return { isDescending, by: word };
  const { compileJsonPath } = await import("../../output/jsonpath/compile-json-path.ts");
  return { isDescending, by: compileJsonPath(relaxedPath(word), { missing: "empty" }) };
}

/** The list with its items in that order; items of several rows stand where their first row does. */
export async function sortItems<Item, Row>(
  list: List<Item, Row>,
  order: SortOrder | undefined,
): Promise<List<Item, Row>> {
  if (order === undefined) return list;
  const { by } = order;
  if (typeof by === "string") {
    const column = findColumn(list, by) ?? refuseColumn(list, by, "--sort-by");
    const keyOf = (item: Item) => {
      const [first] = list.rows(item);
      return first === undefined ? "" : keyOfRow(column, first);
    };
    return { ...list, items: sortBy(list.items, keyOf, order) };
  }
  const toDocument = await itemToDocument<Item>(list);
  const keyOf = (item: Item) => by(toDocument(item));
  return { ...list, items: sortBy(list.items, keyOf, order) };
}

/** The rows of a table in that order. */
export function sortRows<Item, Row>(
  list: List<Item, Row>,
  order: SortOrder | undefined,
): readonly Row[] {
  const rows = list.items.flatMap((item) => list.rows(item));
  if (order === undefined || typeof order.by !== "string") return rows;
  const column = findColumn(list, order.by);
  return column === undefined ? rows : sortBy(rows, (row) => keyOfRow(column, row), order);
}

function keyOfRow<Row>(column: ListColumn<Row>, row: Row): SortKey {
  if (column.sortKey !== undefined) return column.sortKey(row);
  const cell = column.cell(row);
  return typeof cell === "string" ? cell : cell.text;
}

/** Stable: what is equal keeps its order. */
function sortBy<T>(
  items: readonly T[],
  keyOf: (item: T) => SortKey,
  { isDescending }: SortOrder,
): readonly T[] {
  const keyed = items.map((item) => ({ item, key: keyOf(item) }));
  keyed.sort((left, right) => {
    const order = compareKeys(left.key, right.key);
    return isDescending ? -order : order;
  });
  return keyed.map(({ item }) => item);
}

/** Numbers by value, also where they are written as text; all else by its characters. */
function compareKeys(left: SortKey, right: SortKey): number {
  const [a, b] = [numberOf(left), numberOf(right)];
  if (a !== undefined && b !== undefined) return a < b ? -1 : a > b ? 1 : 0;
  const [text, other] = [String(left), String(right)];
  return text < other ? -1 : text > other ? 1 : 0;
}

function numberOf(key: SortKey): number | bigint | undefined {
  if (typeof key !== "string") return key;
  if (/^-?\d+$/.test(key)) return BigInt(key);
  return /^-?\d*\.\d+$/.test(key) ? Number(key) : undefined;
}
