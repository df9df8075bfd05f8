import { graphemesOf } from "../../output/graphemes.ts";
import { graphemeWidth } from "../../output/text-width.ts";

/** What one place of the screen shows. */
export interface Cell {
  readonly text: string;
  /** Columns that it takes. */
  readonly width: number;
  /** SGR parameters, empty for the terminal's own look. */
  readonly style: string;
}

/** For what would show nothing, or something else than it is. */
const REPLACEMENT = "\ufffd";
const TAB_COLUMNS = 8;
/** Would turn the order of what follows. */
const BIDI_CONTROL = /[\u202a-\u202e\u2066-\u2069]/;

/** How a grapheme is drawn at a column; a tab reaches to the next stop. */
export function drawn(grapheme: string, column: number): { text: string; width: number } {
  const code = grapheme.charCodeAt(0);
  if (grapheme.length === 1 && code >= 0x20 && code < 0x7f) return { text: grapheme, width: 1 };
  if (grapheme === "\t") {
    const width = TAB_COLUMNS - (column % TAB_COLUMNS);
    return { text: " ".repeat(width), width };
  }
  if (code < 0x20) return { text: `^${String.fromCharCode(code + 0x40)}`, width: 2 };
  if (code === 0x7f) return { text: "^?", width: 2 };
  if ((code >= 0x80 && code < 0xa0) || BIDI_CONTROL.test(grapheme))
    return { text: REPLACEMENT, width: 1 };
  const width = graphemeWidth(grapheme);
  return width === 0 ? { text: REPLACEMENT, width: 1 } : { text: grapheme, width };
}

/** Cells of a text without line breaks, all of one style. */
export function cellsOf(text: string, style: string): Cell[] {
  const cells: Cell[] = [];
  let column = 0;
  for (const grapheme of graphemesOf(text)) {
    const cell = { ...drawn(grapheme, column), style };
    cells.push(cell);
    column += cell.width;
  }
  return cells;
}

export function columnsOf(cells: readonly Cell[]): number {
  return cells.reduce((sum, cell) => sum + cell.width, 0);
}
