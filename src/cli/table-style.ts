import type { TableStyle } from "../output/table.ts";
import type { Context } from "./context.ts";

/** How tables look on the command's stdout. */
export function tableStyle({ stdout }: Context): TableStyle {
  return { isTty: stdout.isTty, color: stdout.color, width: stdout.columns() };
}
