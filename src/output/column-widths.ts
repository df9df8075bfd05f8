/** What is cut to less says nothing any more; an ID as lists show it has one more. */
const LEAST_WIDTH = 12;

/**
 * Widths with which cells of these natural widths fit into so many columns, the gaps between them
 * included: the widest give way first, none below its use. They may then still be too wide.
 */
export function columnWidths(
  natural: readonly number[],
  gap: number,
  columns: number,
  leastWidth = LEAST_WIDTH,
): number[] {
  const widths = [...natural];
  let excess = totalWidth(widths, gap) - columns;
  for (; excess > 0; excess--) {
    const widest = widths.indexOf(Math.max(...widths));
    const width = widths[widest] ?? 0;
    if (width <= leastWidth) return widths;
    widths[widest] = width - 1;
  }
  return widths;
}

/** What cells of these widths take, with the gaps between them. */
export function totalWidth(widths: readonly number[], gap: number): number {
  return widths.reduce((sum, width) => sum + width, gap * (widths.length - 1));
}
