import { columnWidths } from "./column-widths.ts";
import { cutMiddle, displayWidth, padColumns } from "./display-width.ts";

const GAP = "  ";

/**
 * Rows of cells as aligned lines. Where they would be wider than the columns, the widest ones are
 * cut in the middle: names that programs make differ at their ends.
 */
export function alignCells(
  rows: readonly (readonly string[])[],
  columns = Number.POSITIVE_INFINITY,
): readonly string[] {
  const natural = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => displayWidth(row[column] ?? ""))),
  );
  const widths = columnWidths(natural, GAP.length, columns);
  return rows.map((row) =>
    row
      .map((cell, column) => padColumns(cutMiddle(cell, widths[column] ?? 0), widths[column] ?? 0))
      .join(GAP)
      .trimEnd(),
  );
}
