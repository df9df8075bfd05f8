import type { CompletionCandidate } from "./completions.ts";

/** The candidates below the input, and which of them stands in it. */
export interface CompletionMenu {
  readonly candidates: readonly CompletionCandidate[];
  /** Where the replaced part of the input begins. */
  readonly start: number;
  /** What stood there before a candidate was chosen. */
  readonly typed: string;
  /** -1 while none is chosen. */
  readonly selected: number;
}

/** How the candidates lie on the screen: column by column, in pages. */
export interface MenuGrid {
  readonly columns: number;
  readonly rows: number;
}

/** The menu with another candidate chosen: forth and back, round at the ends. */
export function cycle(menu: CompletionMenu, step: 1 | -1): CompletionMenu {
  const count = menu.candidates.length;
  const from = menu.selected < 0 && step < 0 ? 0 : menu.selected;
  return { ...menu, selected: (from + step + count) % count };
}

/** The menu with the candidate beside the chosen one; itself at the edge. */
export function moveSideways(menu: CompletionMenu, step: 1 | -1, grid: MenuGrid): CompletionMenu {
  const selected = menu.selected + step * grid.rows;
  if (selected < 0 || selected >= menu.candidates.length) return menu;
  return { ...menu, selected };
}

/** What all candidates begin with. */
export function commonBeginning(candidates: readonly CompletionCandidate[]): string {
  let common = candidates[0]?.text ?? "";
  for (const { text } of candidates) {
    let same = 0;
    while (same < common.length && common.charCodeAt(same) === text.charCodeAt(same)) same++;
    common = common.slice(0, same);
  }
  // Half of a pair of surrogates is no character.
  return /[\ud800-\udbff]$/.test(common) ? common.slice(0, -1) : common;
}
