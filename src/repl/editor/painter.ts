import { isCertain } from "../../output/text-width.ts";
import { type Cell, columnsOf } from "./cell.ts";
import type { Frame, Row } from "./frame.ts";

const EMPTY: Frame = { rows: [], cursorRow: 0, cursorColumn: 0 };
const ERASE_RIGHT = "\x1b[K";
/**
 * From the beginning of a row. Were it one command, and the row the screen's first, tmux would take
 * it for a screen to be kept, and put what is erased where the lines that scrolled away are.
 */
const ERASE_BELOW = `${ERASE_RIGHT}\x1b[C\x1b[J\r`;

/**
 * Turns frames into what changes the last one into the next. Knows only where the cursor stands
 * relative to the frame's first row, which begins where the cursor was at the first paint.
 */
export class Painter {
  #shown: Frame = EMPTY;
  #columns: number;
  #style = "";
  /** Where the terminal's cursor is while something is painted; no column behind a full row. */
  #row = 0;
  #column: number | undefined = 0;
  /** The last row that the screen is known to have. */
  #lowest = 0;
  #out = "";

  constructor(columns: number) {
    this.#columns = columns;
  }

  /** What makes the screen show the frame; empty where it does already. */
  paint(frame: Frame): string {
    this.#begin();
    if (this.#shown === EMPTY) this.#out += ERASE_BELOW;
    for (const [index, row] of frame.rows.entries()) {
      this.#paintRow(index, row, { shown: this.#shown.rows[index], above: frame.rows[index - 1] });
    }
    if (frame.rows.length < this.#shown.rows.length) {
      this.#move(frame.rows.length, 0);
      this.#out += ERASE_BELOW;
    }
    return this.#end(frame);
  }

  /** Removes the frame: the cursor is where it was at first, and nothing below it. */
  erase(): string {
    this.#begin();
    this.#move(0, 0);
    this.#out += ERASE_BELOW;
    return this.#end(EMPTY);
  }

  /** The frame is left behind: the cursor is elsewhere now, at the beginning of an empty line. */
  forget(): void {
    this.#shown = EMPTY;
  }

  /**
   * The terminal has become wider or narrower: the frame is erased, to be painted anew. Most
   * terminals have wrapped anew by then what they had wrapped by themselves.
   */
  resize(columns: number, options: { rewraps: boolean }): string {
    const above = options.rewraps ? this.#rowsAbove(columns) : this.#shown.cursorRow;
    this.#shown = EMPTY;
    this.#columns = columns;
    return `\r${above > 0 ? `\x1b[${above}A` : ""}${ERASE_BELOW}`;
  }

  /** Rows of the frame above the cursor on a screen of another width. */
  #rowsAbove(columns: number): number {
    const { rows, cursorRow, cursorColumn } = this.#shown;
    let above = 0;
    let column = cursorColumn;
    for (let index = cursorRow; index > 0; index--) {
      const before = columnsOf(rows[index - 1]?.cells ?? []);
      if (rows[index]?.isContinued === true) {
        column += before;
      } else {
        above += Math.floor(column / columns) + 1;
        column = Math.max(0, before - 1);
      }
    }
    return above + Math.floor(column / columns);
  }

  #begin(): void {
    this.#out = "";
    this.#style = "";
    this.#row = this.#shown.cursorRow;
    this.#column = this.#shown.cursorColumn;
    this.#lowest = Math.max(0, this.#shown.rows.length - 1);
  }

  #end(frame: Frame): string {
    this.#setStyle("");
    this.#move(frame.cursorRow, frame.cursorColumn);
    this.#shown = frame;
    return this.#out;
  }

  #paintRow(
    index: number,
    row: Row,
    { shown, above }: { shown: Row | undefined; above: Row | undefined },
  ): void {
    const before = shown?.cells ?? [];
    const last = above?.cells.at(-1);
    if (shown?.isContinued === true && !row.isContinued) this.#endLine(index - 1);
    if (row.isContinued && shown?.isContinued !== true && last !== undefined) {
      // Writing the end of the row above and going on makes the terminal wrap there.
      this.#move(index - 1, this.#columns - last.width);
      this.#write([last]);
      this.#row = index;
      this.#column = 0;
      this.#lowest = Math.max(this.#lowest, index);
      this.#write(row.cells);
    } else {
      const from = firstDifference(row.cells, before);
      if (from === row.cells.length && from === before.length) return;
      // What a terminal draws wider than it should be must not stay.
      const isRisky = [...row.cells, ...before].some(({ text }) => !isCertain(text));
      const until = isRisky ? row.cells.length : lastDifference(row.cells, before);
      if (isRisky || from < until) this.#move(index, columnsOf(row.cells.slice(0, from)));
      if (isRisky) this.#eraseRight();
      this.#write(row.cells.slice(from, until));
    }
    const width = columnsOf(row.cells);
    if (columnsOf(before) <= width) return;
    this.#move(index, width);
    this.#eraseRight();
  }

  /** Makes the terminal forget that it had wrapped a row: text no longer goes on below it. */
  #endLine(index: number): void {
    this.#move(index, 0);
    this.#out += "\n";
    this.#row = index + 1;
  }

  #eraseRight(): void {
    this.#setStyle("");
    this.#out += ERASE_RIGHT;
  }

  #write(cells: readonly Cell[]): void {
    for (const [index, { text, width, style }] of cells.entries()) {
      this.#setStyle(style);
      this.#out += text;
      if (this.#column === undefined) continue;
      const column = this.#column + width;
      this.#column = column < this.#columns ? column : undefined;
      // The terminal may have gone another way: what follows is placed by its column.
      if (isCertain(text) || this.#column === undefined) continue;
      this.#column = undefined;
      if (index < cells.length - 1) this.#move(this.#row, column);
    }
  }

  #setStyle(style: string): void {
    if (style === this.#style) return;
    this.#out += style === "" ? "\x1b[0m" : `\x1b[0;${style}m`;
    this.#style = style;
  }

  /**
   * A line feed makes room where the screen ends, but a terminal that steps down by one forgets
   * that it had wrapped the row: it is for new rows alone.
   */
  #move(row: number, column: number): void {
    if (row === this.#row && column === this.#column) return;
    const known = Math.min(row, this.#lowest);
    this.#out += "\r";
    if (known < this.#row) this.#out += `\x1b[${this.#row - known}A`;
    if (known > this.#row) this.#out += `\x1b[${known - this.#row}B`;
    this.#out += "\n".repeat(row - known);
    if (column > 0) this.#out += `\x1b[${column}C`;
    this.#row = row;
    this.#column = column;
    this.#lowest = Math.max(this.#lowest, row);
  }
}

function firstDifference(row: readonly Cell[], shown: readonly Cell[]): number {
  let at = 0;
  while (at < row.length && isSame(row[at], shown[at])) at++;
  return at;
}

/** Behind it both rows are the same; only rows of the same width can be. */
function lastDifference(row: readonly Cell[], shown: readonly Cell[]): number {
  if (columnsOf(row) !== columnsOf(shown)) return row.length;
  let back = 1;
  while (back <= row.length && isSame(row.at(-back), shown.at(-back))) back++;
  return row.length - back + 1;
}

function isSame(one: Cell | undefined, other: Cell | undefined): boolean {
  return one?.text === other?.text && one?.style === other?.style && one?.width === other?.width;
}
