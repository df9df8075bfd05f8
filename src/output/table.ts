/**
 * The output room: values in, text out; it asks nobody and writes nowhere. Tables are plain aligned
 * columns, with crictl's widths where no person reads them (a script that cuts at a column keeps
 * working), and as narrow as their content on a terminal. What a table in a pipe passes is written with
 * plain loops: map and the like cost a start their time (docs/decisions/0010-start.md).
 */
import { columnWidths, totalWidth } from "./column-widths.ts";
import { escapeControl } from "./escape-control.ts";

export interface TableStyle {
  readonly isTty: boolean;
  readonly color: boolean;
  /** Columns of the terminal; undefined where it is unknown. */
  readonly width: number | undefined;
  /** Every column is shown, and every cell whole, however narrow the terminal is. */
  readonly isWhole?: boolean;
  /** The line of titles is left out. */
  readonly isBare?: boolean;
  /** Titles of columns that a terminal which is too narrow goes without, the first one first. */
  readonly dispensable?: readonly string[];
}

export interface Cell {
  readonly text: string;
  readonly tone?: "good" | "bad" | "dim";
}

const MIN_WIDTH = 20;
const GAP = 3;
const NARROW_GAP = 2;

/** The heading and one line for each row; no rows leave the heading alone. */
export async function renderTable(
  heading: readonly string[],
  rows: readonly (readonly (string | Cell)[])[],
  style: TableStyle,
): Promise<string> {
  const paint = await painter(style.color);
  const titles: PlainCell[] = [];
  for (const text of heading) titles.push({ text, tone: "heading" });
  const lines: (readonly PlainCell[])[] = [titles];
  for (const row of rows) lines.push(cleanRow(row));
  const text = style.isTty
    ? await renderForPerson(lines, style, paint)
    : renderForPipe(lines, paint);
  return style.isBare === true ? text.slice(text.indexOf("\n") + 1) : text;
}

/** A cell without control characters. */
interface PlainCell {
  readonly text: string;
  readonly tone?: Tone;
}

type Tone = Cell["tone"] | "heading";
type Measure = (text: string) => number;
type Paint = (text: string, tone: Tone) => string;

/** As narrow as the content; where even that is too wide, it is fitted. */
async function renderForPerson(
  all: readonly (readonly PlainCell[])[],
  style: TableStyle,
  paint: Paint,
): Promise<string> {
  const { cutMiddle, displayWidth } = await import("./display-width.ts");
  const { lines, widths, gap } = fitTable(all, style, displayWidth);
  if (lines.length > MANY_LINES || hasWideCell(lines, displayWidth)) {
    const cut = lines.map((line) =>
      line.map((cell, column) => ({ ...cell, text: cutMiddle(cell.text, widths[column] ?? 0) })),
    );
    return padLines(cut, {
      widths: widths.map((width) => width + gap),
      paint,
      measure: displayWidth,
    });
  }
  const { default: Table } = await import("cli-table3");
  const shown = ({ text, tone }: PlainCell, column: number) =>
    paint(cutMiddle(text, widths[column] ?? 0), tone);
  const options = {
    chars: NO_BORDERS,
    colWidths: widths.map((column) => column + gap),
    style: { head: [], border: [], "padding-left": 0, "padding-right": gap },
  };
  let text = "";
  for (let from = 0; from < lines.length; from += BATCH_LINES) {
    const table = new Table(options);
    table.push(...lines.slice(from, from + BATCH_LINES).map((line) => line.map(shown)));
    text += trimLines(table.toString().split("\n"));
  }
  return text;
}

interface FittedTable {
  readonly lines: readonly (readonly PlainCell[])[];
  readonly widths: readonly number[];
  readonly gap: number;
}

/** The gaps shrink, then the widest cells, then dispensable columns go; what is left may wrap. */
function fitTable(
  lines: readonly (readonly PlainCell[])[],
  { width = Number.POSITIVE_INFINITY, isWhole = false, dispensable = [] }: TableStyle,
  measure: Measure,
): FittedTable {
  const natural = naturalWidths(lines, measure);
  if (totalWidth(natural, GAP) <= width) return { lines, widths: natural, gap: GAP };
  if (isWhole) return { lines, widths: natural, gap: NARROW_GAP };
  let fitted = lines;
  let widths = columnWidths(natural, NARROW_GAP, width, LEAST_CELL);
  for (const title of dispensable) {
    if (totalWidth(widths, NARROW_GAP) <= width) break;
    const leaves = fitted[0]?.findIndex(({ text }) => text === title) ?? -1;
    if (leaves >= 0) fitted = fitted.map((line) => line.toSpliced(leaves, 1));
    widths = columnWidths(naturalWidths(fitted, measure), NARROW_GAP, width, LEAST_CELL);
  }
  const fits = totalWidth(widths, NARROW_GAP) <= width;
  return { lines: fitted, widths: fits ? widths : naturalWidths(fitted, measure), gap: NARROW_GAP };
}

/** An ID as lists show it is never cut. */
const LEAST_CELL = 14;

/** The time that cli-table3 takes grows with the square of a table's length: 28 s for 10,000 lines. */
const BATCH_LINES = 100;
/** From there on its time and memory are felt even so, and padding alone does the same. */
const MANY_LINES = 500;

/** cli-table3 measures them by rules of its own, and would cut what fits. */
function hasWideCell(lines: readonly (readonly PlainCell[])[], measure: Measure): boolean {
  return lines.some((line) => line.some(({ text }) => measure(text) !== text.length));
}

/** Widths do not depend on a few longer values: what cuts at a column keeps working. */
function renderForPipe(lines: readonly (readonly PlainCell[])[], paint: Paint): string {
  const widths: number[] = [];
  for (const width of naturalWidths(lines, characterCount))
    widths.push(Math.max(width, MIN_WIDTH - GAP) + GAP);
  return padLines(lines, { widths, paint, measure: characterCount });
}

interface Padding {
  /** With the gaps in them. */
  readonly widths: readonly number[];
  readonly paint: Paint;
  readonly measure: Measure;
}

function padLines(
  lines: readonly (readonly PlainCell[])[],
  { widths, paint, measure }: Padding,
): string {
  let padded = "";
  for (const line of lines) {
    let shown = "";
    let column = 0;
    for (const { text, tone } of line) {
      shown += paint(text, tone);
      const width = widths[column++] ?? 0;
      if (column < line.length) shown += " ".repeat(width - measure(text));
    }
    padded += `${shown.trimEnd()}\n`;
  }
  return padded;
}

const NO_BORDERS = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "",
};

function trimLines(lines: readonly string[]): string {
  return lines.map((line) => `${line.trimEnd()}\n`).join("");
}

function naturalWidths(lines: readonly (readonly PlainCell[])[], measure: Measure): number[] {
  const widths: number[] = [];
  for (const line of lines) {
    let column = 0;
    for (const { text } of line) {
      widths[column] = Math.max(widths[column] ?? 0, measure(text));
      column++;
    }
  }
  return widths;
}

function cleanRow(row: readonly (string | Cell)[]): PlainCell[] {
  const cells: PlainCell[] = [];
  for (const cell of row) cells.push(clean(cell));
  return cells;
}

function clean(cell: string | Cell): PlainCell {
  if (typeof cell === "string") return { text: escapeControl(cell) };
  return { ...cell, text: escapeControl(cell.text) };
}

async function painter(color: boolean): Promise<Paint> {
  if (!color) return (text) => text;
  const { Chalk } = await import("chalk");
  const chalk = new Chalk({ level: 1 });
  return (text, tone) => {
    if (tone === "heading") return chalk.bold(text);
    if (tone === "good") return chalk.green(text);
    if (tone === "bad") return chalk.red(text);
    return tone === "dim" ? chalk.dim(text) : text;
  };
}

/** Characters, not UTF-16 units: what programs that cut at a column count, and crictl does. */
function characterCount(text: string): number {
  return [...text].length;
}
