const GAP = "  ";
/** No cell is cut below this. */
const LEAST_WIDTH = 12;

/**
 * Rows of cells as aligned lines. Where they would be wider than the columns, the widest ones are
 * cut in the middle: names that programs make differ at their ends.
 */
export function alignCells(
  rows: readonly (readonly string[])[],
  columns = Number.POSITIVE_INFINITY,
): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => [...(row[column] ?? "")].length)),
  );
  const widthOf = (all: readonly number[]) =>
    all.reduce((sum, width) => sum + width, GAP.length * (all.length - 1));
  while (widthOf(widths) > columns && Math.max(...widths) > LEAST_WIDTH) {
    const widest = widths.indexOf(Math.max(...widths));
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return rows.map((row) =>
    row
      .map((cell, column) => cutMiddle(cell, widths[column] ?? 0).padEnd(widths[column] ?? 0))
      .join(GAP)
      .trimEnd(),
  );
}

/** The text with an ellipsis in its middle where it is longer than that. */
export function cutMiddle(text: string, width: number): string {
  const characters = [...text];
  if (characters.length <= width) return text;
  const end = Math.floor((width - 1) / 2);
  return `${characters.slice(0, width - 1 - end).join("")}…${characters.slice(characters.length - end).join("")}`;
}
