import { type Cell, renderTable } from "../../output/table.ts";
import { renderVerbose } from "../../output/verbose.ts";
import type { CommandInput } from "../command.ts";
import type { Context } from "../context.ts";
import { type OutputFormat, parseFormat } from "../output-format.ts";
import { tableStyle } from "../table-style.ts";
import type { List, ListColumn, ListedItems } from "./list.ts";

/** Prints one list, as the flags say. */
export type ListPrinter = <Item, Row>(list: List<Item, Row>) => Promise<void>;

/**
 * Prints what `load` gives, as the flags of listFlags and --quiet, --verbose and --no-trunc say; with
 * --watch again and again until Ctrl-C. Resolves to the status. Throws InvalidArgument for a format,
 * column or template that is wrong, before anything is loaded.
 */
export async function printList<Item, Row>(
  context: Context,
  flags: CommandInput["flags"],
  load: () => Promise<List<Item, Row>>,
): Promise<number> {
  if (flags.watch === true) {
    const { watchList } = await import("./print-unusual.ts");
    await watchList(context, flags, load);
  } else {
    const print = await prepareList(context, flags);
    await print(await load());
  }
  return 0;
}

/**
 * What prints lists, for verbs that have more to say than one list. Throws InvalidArgument for a
 * format or template that is wrong.
 */
export async function prepareList(
  context: Context,
  flags: CommandInput["flags"],
): Promise<ListPrinter> {
  const format = parseFormat(flags);
  if (!isUsual(flags, format)) {
    // The rest loads for the other forms alone: most lists are plain tables or IDs.
    const { prepareUnusual } = await import("./print-unusual.ts");
    return await prepareUnusual(context, flags, format);
  }
  return async (list) => {
    if (format.kind === "json" || format.kind === "yaml") {
      const { writeItems } = await import("./write-items.ts");
      await writeItems(context.stdout, list, format.kind);
    } else {
      await context.stdout.write(await renderUsual(context, flags, list));
    }
  };
}

function isUsual(flags: CommandInput["flags"], { kind }: OutputFormat): boolean {
  const isPlain = kind === "table" || kind === "json" || kind === "yaml";
  return (
    isPlain &&
    flags.columns === undefined &&
    flags["sort-by"] === undefined &&
    flags["no-headers"] !== true
  );
}

/** A table of the usual columns, IDs, or blocks of lines. */
async function renderUsual<Item, Row>(
  context: Context,
  flags: CommandInput["flags"],
  list: List<Item, Row>,
): Promise<string> {
  if (flags.quiet === true) return list.items.map((item) => `${list.id(item)}\n`).join("");
  if (flags.verbose === true && list.verbose !== undefined) {
    return renderVerbose(list.items.map(list.verbose));
  }
  const columns: ListColumn<Row>[] = [];
  for (const column of list.columns) if (column.shown === undefined) columns.push(column);
  return await renderColumns(context, flags, list, columns);
}

/** The table of those columns. */
export async function renderColumns<Item, Row>(
  context: Context,
  flags: CommandInput["flags"],
  { items, rows, dispensable }: Pick<ListedItems<Item, Row>, "items" | "rows" | "dispensable">,
  columns: readonly ListColumn<Row>[],
): Promise<string> {
  const heading: string[] = [];
  for (const { title } of columns) heading.push(title);
  const cells: (string | Cell)[][] = [];
  for (const item of items) {
    for (const row of rows(item)) {
      const line: (string | Cell)[] = [];
      for (const column of columns) line.push(column.cell(row));
      cells.push(line);
    }
  }
  return await renderTable(heading, cells, tableStyle(context, flags, dispensable));
}
