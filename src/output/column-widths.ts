/** As much of a cell as stays readable; an ID is never cut. */
const LEAST_WIDTH = 14;

/**
 * Widths with which a table of these natural widths fits into the terminal: the widest columns give
 * way first, none below an ID's. Where that is not enough, the rows wrap.
 */
export function columnWidths(natural: readonly number[], gap: number, width: number): number[] {
  const widths = [...natural];
  const room = width - gap * (widths.length - 1);
  let total = widths.reduce((sum, column) => sum + column, 0);
  while (total > room) {
    const widest = Math.max(...widths);
    if (widest <= LEAST_WIDTH) return [...natural];
    widths[widths.indexOf(widest)] = widest - 1;
    total--;
  }
  return widths;
}
