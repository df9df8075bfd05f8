import type { TableStyle } from "../output/table.ts";
import type { CommandInput } from "./command.ts";
import type { Context } from "./context.ts";

/**
 * How tables look on the command's stdout. A narrow terminal goes without the dispensable columns;
 * --no-trunc shows all of them, and every cell whole; --no-headers leaves the titles out.
 */
export function tableStyle(
  { stdout }: Context,
  flags: CommandInput["flags"] = {},
  dispensable: readonly string[] = [],
): TableStyle {
  const { isTty, color } = stdout;
  const isWhole = flags["no-trunc"] === true;
  const isBare = flags["no-headers"] === true;
  return { isTty, color, width: stdout.columns(), isWhole, isBare, dispensable };
}
