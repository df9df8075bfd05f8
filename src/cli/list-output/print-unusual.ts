import { renderVerbose } from "../../output/verbose.ts";
import type { CommandInput } from "../command.ts";
import type { Context } from "../context.ts";
import { type OutputFormat, parseFormat } from "../output-format.ts";
import { prepareTemplate, type Template } from "../prepare-template.ts";
import { chooseColumns } from "./choose-columns.ts";
import type { List } from "./list.ts";
import { listDocument } from "./list-document.ts";
import { type ListPrinter, renderColumns } from "./print-list.ts";
import { parseSortOrder, type SortOrder, sortItems, sortRows } from "./sort-list.ts";
import { watchOnPipe, watchOnTerminal } from "./watch-list.ts";
import { isItemsFormat, writeItems } from "./write-items.ts";

/** What prepareList does where more than the usual is asked for. */
export async function prepareUnusual(
  context: Context,
  flags: CommandInput["flags"],
  format: OutputFormat,
): Promise<ListPrinter> {
  const template = await prepareTemplate(format, context.cwd);
  const order = await parseSortOrder(flags["sort-by"]);
  const wanted = { flags, format, template, order };
  return async (unsorted) => {
    const list = await sortItems(unsorted, order);
    if (isItemsFormat(format.kind)) await writeItems(context.stdout, list, format.kind);
    else await context.stdout.write(await renderList(context, wanted, list));
  };
}

/** What printList does with --watch: until Ctrl-C. */
export async function watchList<Item, Row>(
  context: Context,
  flags: CommandInput["flags"],
  load: () => Promise<List<Item, Row>>,
): Promise<void> {
  const format = parseFormat(flags);
  const template = await prepareTemplate(format, context.cwd);
  const order = await parseSortOrder(flags["sort-by"]);
  const sorted = async () => await sortItems(await load(), order);
  const isTable =
    format.kind === "table" || format.kind === "wide" || format.kind === "custom-columns";
  if (isTable && context.stdout.canRedraw) {
    const wanted = { flags, format, template, order };
    const render = async (list: List<Item, Row>) => await renderList(context, wanted, list);
    await watchOnTerminal(context, flags, { load: sorted, render });
  } else {
    await watchOnPipe(context, flags, sorted, template);
  }
}

interface Wanted {
  readonly flags: CommandInput["flags"];
  readonly format: OutputFormat;
  readonly template: Template | undefined;
  readonly order: SortOrder | undefined;
}

async function renderList<Item, Row>(
  context: Context,
  { flags, format, template, order }: Wanted,
  list: List<Item, Row>,
): Promise<string> {
  if (template !== undefined) return template(await listDocument(list));
  if (format.kind === "name") {
    return list.items.map((item) => `${list.reference(item)}\n`).join("");
  }
  if (flags.quiet === true) return list.items.map((item) => `${list.id(item)}\n`).join("");
  if (flags.verbose === true && list.verbose !== undefined) {
    return renderVerbose(list.items.map(list.verbose));
  }
  const columns = await chooseColumns(list, flags, format);
  const rows = sortRows(list, order);
  return await renderColumns(
    context,
    flags,
    { ...list, items: rows, rows: (row) => [row] },
    columns,
  );
}
