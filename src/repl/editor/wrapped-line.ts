import { graphemesOf, nextPosition } from "../../output/graphemes.ts";
import { isCertain } from "../../output/text-width.ts";
import { type Cell, columnsOf, drawn } from "./cell.ts";
import type { Row } from "./frame.ts";

/** What a line of the input is made of. */
export interface LineParts {
  /** The prompt before it. */
  readonly prefix: readonly Cell[];
  readonly text: string;
  readonly columns: number;
  /** The look of the grapheme that begins at a position of the line. */
  styleAt(position: number): string;
}

/** A line of the input as rows of the screen, each made when it is asked for. */
export class WrappedLine {
  readonly #parts: LineParts;
  /** Full rows of a prompt that is longer than the screen is wide. */
  readonly #prefixRows: readonly (readonly Cell[])[];
  /** The rest of the prompt, in the row where the text begins. */
  readonly #lead: readonly Cell[];
  readonly #leadColumns: number;
  /** Where the rows begin in the text. */
  readonly #starts: readonly number[];

  constructor(parts: LineParts) {
    this.#parts = parts;
    const rows = wrapCells(parts.prefix, parts.columns);
    this.#lead = rows.at(-1) ?? [];
    this.#prefixRows = rows.slice(0, -1);
    this.#leadColumns = columnsOf(this.#lead);
    this.#starts = rowStarts(parts.text, this.#leadColumns, parts.columns);
  }

  get rowCount(): number {
    return this.#prefixRows.length + this.#starts.length;
  }

  /** Where a position of the text is on the screen; behind a full last row, one row below it. */
  place(position: number): { row: number; column: number } {
    const index = this.#starts.findLastIndex((start) => start <= position);
    const row = this.#prefixRows.length + index;
    const lead = index === 0 ? this.#leadColumns : 0;
    const before = this.#parts.text.slice(this.#starts[index] ?? 0, position);
    const column = lead + columnsOf(this.#cells(before, { column: lead, position: 0 }));
    return column < this.#parts.columns ? { row, column } : { row: row + 1, column: 0 };
  }

  /** Empty for the row behind the last one. */
  row(index: number): Row {
    const cells = this.#rowCells(index);
    const before = index === 0 ? [] : this.#rowCells(index - 1);
    const last = before.at(-1);
    const isFull = columnsOf(before) === this.#parts.columns;
    const isContinued = cells.length > 0 && isFull && last !== undefined && isCertain(last.text);
    return { cells, isContinued };
  }

  #rowCells(index: number): readonly Cell[] {
    const prefixRow = this.#prefixRows[index];
    if (prefixRow !== undefined) return prefixRow;
    const at = index - this.#prefixRows.length;
    const start = this.#starts[at];
    if (start === undefined) return [];
    const text = this.#parts.text.slice(start, this.#starts[at + 1]);
    if (at > 0) return this.#cells(text, { column: 0, position: start });
    return [...this.#lead, ...this.#cells(text, { column: this.#leadColumns, position: start })];
  }

  #cells(text: string, from: { column: number; position: number }): Cell[] {
    let { column, position } = from;
    return graphemesOf(text).map((grapheme) => {
      const { text: shown, width } = fitted(grapheme, column, this.#parts.columns);
      const style = this.#parts.styleAt(position);
      column += width;
      position += grapheme.length;
      return { text: shown, width, style };
    });
  }
}

function wrapCells(cells: readonly Cell[], columns: number): Cell[][] {
  const rows: Cell[][] = [[]];
  let used = 0;
  for (const cell of cells) {
    if (used + cell.width > columns) {
      rows.push([]);
      used = 0;
    }
    rows.at(-1)?.push(cell);
    used += cell.width;
  }
  return rows;
}

/** What does not fit at the end of a row begins the next one. */
function rowStarts(text: string, lead: number, columns: number): number[] {
  const starts = [0];
  let used = lead;
  let at = 0;
  while (at < text.length) {
    const next = nextPosition(text, at);
    const code = text.charCodeAt(at);
    const isPlain = next === at + 1 && code >= 0x20 && code < 0x7f;
    let width = isPlain ? 1 : fitted(text.slice(at, next), used, columns).width;
    if (used + width > columns) {
      starts.push(at);
      used = 0;
      width = isPlain ? 1 : fitted(text.slice(at, next), 0, columns).width;
    }
    used += width;
    at = next;
  }
  return starts;
}

/** A tab ends at the edge of the screen at the latest. */
function fitted(
  grapheme: string,
  column: number,
  columns: number,
): { text: string; width: number } {
  const shown = drawn(grapheme, column);
  if (grapheme !== "\t" || column >= columns) return shown;
  const width = Math.min(shown.width, columns - column);
  return { text: " ".repeat(width), width };
}
