import { type Cell, cellsOf } from "./cell.ts";
import type { Frame, Row, ScreenSize } from "./frame.ts";
import { menuLines, menuSpace } from "./menu-layout.ts";
import { promptCells } from "./prompt-cells.ts";
import { CHOSEN, DIM, MARKED, TONE_STYLE } from "./tone-style.ts";
import type { View } from "./view.ts";
import { WrappedLine } from "./wrapped-line.ts";

/** On a narrower screen what is drawn is cut by the terminal. */
const NARROWEST = 4;

/**
 * Lays a view out on a screen. Texts may be many times longer than the screen: then the part
 * around the cursor is shown, and no other line is looked at.
 */
export function layout(view: View, screen: ScreenSize): Frame {
  const size = { columns: Math.max(screen.columns, NARROWEST), rows: Math.max(screen.rows, 1) };
  const menu = menuRows(view, size);
  const input = inputRows(view, { ...size, rows: Math.max(1, size.rows - menu.length) });
  return { ...input, rows: [...input.rows, ...menu] };
}

const MENU_STYLE = { plain: "", chosen: CHOSEN, dim: DIM } as const;

function menuRows({ menu }: View, size: ScreenSize): Row[] {
  if (menu === undefined || size.rows < 2) return [];
  return menuLines(menu, menuSpace(size)).map((line) => ({
    cells: line.flatMap(({ text, look }) => cellsOf(text, MENU_STYLE[look])),
    isContinued: false,
  }));
}

/** The rows around the cursor's, as many as fit. */
function inputRows(view: View, size: ScreenSize): Frame {
  const lines = new InputLines(view, size.columns);
  const cursor = lines.cursor();
  const above: Row[] = [];
  const below: Row[] = [];
  let place = lines.before(cursor);
  while (place !== undefined && above.length < size.rows) {
    above.push(lines.row(place));
    place = lines.before(place);
  }
  place = lines.after(cursor);
  while (place !== undefined && below.length < size.rows) {
    below.push(lines.row(place));
    place = lines.after(place);
  }
  const others = size.rows - 1;
  const half = Math.floor(others / 2);
  const shownBelow = Math.min(below.length, Math.max(half, others - above.length));
  const shownAbove = Math.min(above.length, others - shownBelow);
  const [first, ...rest] = [
    ...above.slice(0, shownAbove).reverse(),
    lines.row(cursor),
    ...below.slice(0, shownBelow),
  ];
  // What the first row goes on from is not shown.
  const rows = first === undefined ? [] : [{ ...first, isContinued: false }, ...rest];
  return { rows, cursorRow: shownAbove, cursorColumn: cursor.column };
}

/** A row, by its line and its place among that line's rows. */
interface RowPlace {
  readonly line: number;
  readonly row: number;
}

/** The lines of prompt and text, wrapped one by one when they are asked for. */
class InputLines {
  readonly #view: View;
  readonly #columns: number;
  readonly #prompt: readonly (readonly Cell[])[];
  readonly #continuation: readonly Cell[];
  readonly #texts: readonly string[];
  /** Where each line begins in the whole text. */
  readonly #offsets: readonly number[];
  readonly #wrapped = new Map<number, WrappedLine>();
  #cursor: (RowPlace & { column: number }) | undefined;

  constructor(view: View, columns: number) {
    this.#view = view;
    this.#columns = columns;
    this.#prompt = promptCells(view.prompt);
    this.#continuation = promptCells(view.continuationPrompt).at(-1) ?? [];
    const lines = (view.text + shownSuggestion(view)).split("\n");
    const offsets: number[] = [];
    let offset = 0;
    for (const line of lines) {
      offsets.push(offset);
      offset += line.length + 1;
    }
    // The prompt's own lines before the last have no text.
    const above = this.#prompt.length - 1;
    this.#texts = [...new Array<string>(above).fill(""), ...lines];
    this.#offsets = [...new Array<number>(above).fill(0), ...offsets];
  }

  cursor(): RowPlace & { column: number } {
    if (this.#cursor !== undefined) return this.#cursor;
    const at = this.#view.cursor;
    const line = this.#offsets.findLastIndex((offset) => offset <= at);
    const place = this.#line(line).place(at - (this.#offsets[line] ?? 0));
    this.#cursor = { line, ...place };
    return this.#cursor;
  }

  row({ line, row }: RowPlace): Row {
    return this.#line(line).row(row);
  }

  before({ line, row }: RowPlace): RowPlace | undefined {
    if (row > 0) return { line, row: row - 1 };
    return line > 0 ? { line: line - 1, row: this.#rowCount(line - 1) - 1 } : undefined;
  }

  after({ line, row }: RowPlace): RowPlace | undefined {
    if (row + 1 < this.#rowCount(line)) return { line, row: row + 1 };
    return line + 1 < this.#texts.length ? { line: line + 1, row: 0 } : undefined;
  }

  /** The cursor may stand in a row of its own behind a full one. */
  #rowCount(line: number): number {
    const cursor = this.cursor();
    const rows = this.#line(line).rowCount;
    return cursor.line === line ? Math.max(rows, cursor.row + 1) : rows;
  }

  #line(index: number): WrappedLine {
    const known = this.#wrapped.get(index);
    if (known !== undefined) return known;
    const offset = this.#offsets[index] ?? 0;
    const line = new WrappedLine({
      prefix: this.#prompt[index] ?? this.#continuation,
      text: this.#texts[index] ?? "",
      columns: this.#columns,
      styleAt: (position) => styleAt(this.#view, offset + position),
    });
    this.#wrapped.set(index, line);
    return line;
  }
}

/** A suggestion of several lines shows its first one. */
function shownSuggestion({ suggestion }: View): string {
  const newline = suggestion.indexOf("\n");
  return newline < 0 ? suggestion : `${suggestion.slice(0, newline)} …`;
}

function styleAt(view: View, position: number): string {
  if (position >= view.text.length) return DIM;
  const { mark, spans } = view;
  if (mark !== undefined && position >= mark.start && position < mark.end) return MARKED;
  // Spans lie in order: the last one that begins at or before the position.
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((spans[middle]?.start ?? 0) <= position) low = middle + 1;
    else high = middle;
  }
  const span = spans[low - 1];
  return span !== undefined && position < span.end ? TONE_STYLE[span.tone] : "";
}
