import { type Cell, renderTable } from "../../output/table.ts";
import { renderVerbose } from "../../output/verbose.ts";
import type { CommandInput } from "../command.ts";
import type { Context } from "../context.ts";
import { parseFormat } from "../output-format.ts";
import { tableStyle } from "../table-style.ts";
import type { List, ListColumn } from "./list.ts";

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
  const format = parseFormat(flags);
  if (isUsual(flags, format.kind)) {
    if (format.kind === "json" || format.kind === "yaml") {
      const { writeItems } = await import("./write-items.ts");
      await writeItems(context.stdout, await load(), format.kind);
      return 0;
    }
    await context.stdout.write(await renderUsual(context, flags, await load()));
    return 0;
  }
  const { printUnusual } = await import("./print-unusual.ts");
  return await printUnusual(context, flags, format, load);
}

/** The rest loads for the other forms alone: most lists are plain tables or IDs. */
function isUsual(flags: CommandInput["flags"], kind: string): boolean {
  const isPlain = kind === "table" || kind === "json" || kind === "yaml";
  return (
    isPlain &&
    flags.watch !== true &&
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
  const columns = list.columns.filter(({ shown }) => shown === undefined);
  return await renderColumns(context, flags, list, columns);
}

/** The table of those columns. */
export async function renderColumns<Item, Row>(
  context: Context,
  flags: CommandInput["flags"],
  { items, rows, dispensable }: Pick<List<Item, Row>, "items" | "rows" | "dispensable">,
  columns: readonly ListColumn<Row>[],
): Promise<string> {
  const heading = columns.map(({ title }) => title);
  const cells: (string | Cell)[][] = [];
  for (const item of items) {
    for (const row of rows(item)) cells.push(columns.map((column) => column.cell(row)));
  }
  return await renderTable(heading, cells, tableStyle(context, flags, dispensable));
}
