/**
 * The output room: values in, text out; it asks nobody and writes nowhere. Tables are plain aligned
 * columns, with crictl's widths where no person reads them (a script that cuts at a column keeps
 * working), and as narrow as their content on a terminal.
 */
import { escapeControl } from "./escape-control.ts";

export interface TableStyle {
  readonly isTty: boolean;
  readonly color: boolean;
  /** Columns of the terminal; undefined where it is unknown. */
  readonly width: number | undefined;
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
  const cells = rows.map((row) => row.map((cell) => clean(cell)));
  const natural = heading.map((title, column) =>
    Math.max(textWidth(title), ...cells.map((row) => textWidth(row[column]?.text ?? ""))),
  );
  const { widths, gap } = fit(natural, style);
  const paint = await painter(style.color);
  const lines = [
    alignRow(
      heading.map((title) => ({ text: title })),
      widths,
      gap,
      (text) => paint(text, "heading"),
    ),
    ...cells.map((row) => alignRow(row, widths, gap, (text, tone) => paint(text, tone))),
  ];
  return `${lines.join("\n")}\n`;
}

type Tone = Cell["tone"] | "heading";
type Paint = (text: string, tone: Tone) => string;

function clean(cell: string | Cell): Cell {
  if (typeof cell === "string") return { text: escapeControl(cell) };
  return { ...cell, text: escapeControl(cell.text) };
}

function fit(natural: readonly number[], style: TableStyle): { widths: number[]; gap: number } {
  if (!style.isTty)
    return { widths: natural.map((width) => Math.max(width, MIN_WIDTH - GAP)), gap: GAP };
  const total = natural.reduce((sum, width) => sum + width, 0) + GAP * (natural.length - 1);
  const isNarrow = style.width !== undefined && total > style.width;
  return { widths: [...natural], gap: isNarrow ? NARROW_GAP : GAP };
}

function alignRow(
  row: readonly Cell[],
  widths: readonly number[],
  gap: number,
  paint: Paint,
): string {
  return row
    .map(({ text, tone }, column) => {
      const isLast = column === row.length - 1;
      const padding = isLast ? 0 : (widths[column] ?? 0) - textWidth(text) + gap;
      return paint(text, tone) + " ".repeat(Math.max(0, padding));
    })
    .join("")
    .trimEnd();
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

/** Characters, not UTF-16 units. */
function textWidth(text: string): number {
  return [...text].length;
}
