/**
 * Begins a new line unless the cursor is at the beginning of one: blanks up to the right edge, which
 * reach the next line exactly where something stands before them, as zsh does it. The mark, of one
 * column, ends the line that was begun; it is erased where there is none.
 */
export function freshLine(columns: number, mark = " "): string {
  return `${mark}${" ".repeat(Math.max(0, columns - 1))}\r`;
}
