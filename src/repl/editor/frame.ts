import type { Cell } from "./cell.ts";

/** A row of the screen. */
export interface Row {
  readonly cells: readonly Cell[];
  /**
   * Goes on where the row before it ended, which is full: the terminal is let wrap there by itself,
   * so that it keeps the text together when it is copied or the width changes.
   */
  readonly isContinued: boolean;
}

/** What the input looks like: rows from the prompt on, and where the cursor stands among them. */
export interface Frame {
  readonly rows: readonly Row[];
  readonly cursorRow: number;
  readonly cursorColumn: number;
}

export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}
