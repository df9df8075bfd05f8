import { graphemesOf } from "../../output/graphemes.ts";
import { graphemeWidth } from "../../output/text-width.ts";
import type { CompletionMenu, MenuGrid } from "./completion-menu.ts";
import type { CompletionCandidate } from "./completions.ts";
import type { ScreenSize } from "./frame.ts";

/** One line of the menu: parts that are shown plain, chosen or dim. */
export type MenuLine = readonly MenuPart[];

export interface MenuPart {
  readonly text: string;
  readonly look: "plain" | "chosen" | "dim";
}

/** Blanks between two columns of candidates. */
const GAP = 2;
/** Beyond it a column is cut. */
const WIDEST = 60;
/** Of a note in less room nothing could be read. */
const LEAST_NOTE = 5;
/** The most lines that a menu takes. */
const MENU_ROWS = 10;

interface MenuSpace {
  readonly columns: number;
  /** Lines that the menu may take, its footer included. */
  readonly rows: number;
}

/** What a menu has of a screen. */
export function menuSpace(screen: ScreenSize): MenuSpace {
  return { columns: screen.columns, rows: Math.max(1, Math.min(MENU_ROWS, screen.rows - 2)) };
}

/** As many columns as fit; one where candidates have notes. */
export function menuGrid(candidates: readonly CompletionCandidate[], space: MenuSpace): MenuGrid {
  const rows = Math.max(1, space.rows);
  if (candidates.some((candidate) => candidate.note !== undefined)) {
    return pageOf(candidates.length, 1, rows);
  }
  const widest = widestName(candidates, space.columns) + GAP;
  return pageOf(candidates.length, Math.max(1, Math.floor(space.columns / widest)), rows);
}

/** The lines of the page that holds the chosen candidate; the first page without one. */
export function menuLines(menu: CompletionMenu, space: MenuSpace): MenuLine[] {
  const { candidates, selected } = menu;
  const { columns, rows } = menuGrid(candidates, space);
  const pageSize = columns * rows;
  const page = Math.floor(Math.max(0, selected) / pageSize);
  const width = widestName(candidates, space.columns);
  const lines: MenuLine[] = [];
  for (let row = 0; row < rows; row++) {
    const parts: MenuPart[] = [];
    for (let column = 0; column < columns; column++) {
      const index = page * pageSize + column * rows + row;
      const candidate = candidates[index];
      if (candidate === undefined) continue;
      parts.push(...partsOf(candidate, { width, isChosen: index === selected }, space));
    }
    if (parts.length > 0) lines.push(parts);
  }
  const pages = Math.ceil(candidates.length / pageSize);
  if (pages > 1) {
    const text = `page ${page + 1} of ${pages}, ${candidates.length} in all`;
    lines.push([{ text: fit(text, space.columns - 1), look: "dim" }]);
  }
  return lines;
}

function partsOf(
  candidate: CompletionCandidate,
  how: { width: number; isChosen: boolean },
  space: MenuSpace,
): MenuPart[] {
  const name = fitEnd(nameOf(candidate), how.width);
  const blanks = how.width - widthOf(name) + GAP;
  const look = how.isChosen ? "chosen" : "plain";
  const room = space.columns - how.width - GAP - 1;
  const note = room < LEAST_NOTE ? "" : fit(candidate.note ?? "", room);
  return [
    { text: name, look },
    { text: " ".repeat(blanks), look: "plain" },
    { text: note, look: "dim" },
  ];
}

/** A page with a line less than the space has where there is more than one page. */
function pageOf(count: number, columns: number, rows: number): MenuGrid {
  if (count <= columns * rows) return { columns, rows: Math.ceil(count / columns) };
  return { columns, rows: Math.max(1, rows - 1) };
}

function nameOf(candidate: CompletionCandidate): string {
  return candidate.display ?? candidate.text.trimEnd();
}

function widestName(candidates: readonly CompletionCandidate[], columns: number): number {
  const widths = candidates.map((candidate) => widthOf(nameOf(candidate)));
  return Math.max(1, Math.min(Math.max(...widths), WIDEST, columns - GAP));
}

function widthOf(text: string): number {
  return graphemesOf(text).reduce((sum, grapheme) => sum + graphemeWidth(grapheme), 0);
}

/** Candidates begin alike: of one that is too long the end is shown. */
function fitEnd(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let taken = "";
  for (const grapheme of graphemesOf(text).reverse()) {
    if (widthOf(grapheme + taken) > width - 1) break;
    taken = grapheme + taken;
  }
  return `…${taken}`;
}

function fit(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let taken = "";
  for (const grapheme of graphemesOf(text)) {
    if (widthOf(taken + grapheme) > width - 1) break;
    taken += grapheme;
  }
  return width < 1 ? "" : `${taken}…`;
}
