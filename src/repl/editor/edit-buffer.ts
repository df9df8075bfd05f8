import { graphemesOf, nextPosition, previousPosition } from "../../output/graphemes.ts";
import { graphemeWidth } from "../../output/text-width.ts";
import { lineEnd, lineStart } from "./text-motion.ts";

interface Snapshot {
  readonly text: string;
  readonly cursor: number;
}

/** Steps that can be undone; and so that large texts do not fill the memory, their characters. */
const UNDO_STEPS = 500;
const UNDO_CHARACTERS = 64 << 20;

/**
 * The text that is edited and the cursor in it, which stands between graphemes. Every change can be
 * undone; changes of the same kind in a row (typed characters of a word) are undone at once.
 */
export class EditBuffer {
  #text = "";
  #cursor = 0;
  #undo: Snapshot[] = [];
  #undoCharacters = 0;
  #lastChange: string | undefined;
  /** The column that moving up and down keeps, in columns from the line's beginning. */
  #goalColumn: number | undefined;

  get text(): string {
    return this.#text;
  }

  get cursor(): number {
    return this.#cursor;
  }

  set cursor(at: number) {
    this.#cursor = Math.min(Math.max(at, 0), this.#text.length);
    this.#lastChange = undefined;
    this.#goalColumn = undefined;
  }

  get isAtEnd(): boolean {
    return this.#cursor === this.#text.length;
  }

  insert(text: string, change?: string): void {
    this.replace(this.#cursor, this.#cursor, text, change);
  }

  /** Puts text in the place of a part and the cursor behind it. `change` names what joins in undo. */
  replace(start: number, end: number, text: string, change?: string): void {
    if (start === end && text === "") return;
    if (change === undefined || change !== this.#lastChange) this.#remember();
    this.#text = this.#text.slice(0, start) + text + this.#text.slice(end);
    this.#cursor = start + text.length;
    this.#lastChange = change;
    this.#goalColumn = undefined;
  }

  /** A new text as a whole, the cursor at its end. */
  set(text: string, change?: string): void {
    if (text !== this.#text) this.replace(0, this.#text.length, text, change);
    else this.#cursor = text.length;
  }

  /** Removes what lies between the cursor and another position, and returns it. */
  removeTo(position: number, change?: string): string {
    const start = Math.min(position, this.#cursor);
    const end = Math.max(position, this.#cursor);
    const removed = this.#text.slice(start, end);
    this.replace(start, end, "", change);
    return removed;
  }

  next(): number {
    return nextPosition(this.#text, this.#cursor);
  }

  previous(): number {
    return previousPosition(this.#text, this.#cursor);
  }

  lineStart(): number {
    return lineStart(this.#text, this.#cursor);
  }

  lineEnd(): number {
    return lineEnd(this.#text, this.#cursor);
  }

  /** Moves a line up (-1) or down (1), as near to its column as can be; false without such a line. */
  moveByLine(step: -1 | 1): boolean {
    const start = this.lineStart();
    const end = this.lineEnd();
    if (step < 0 ? start === 0 : end === this.#text.length) return false;
    const column = this.#goalColumn ?? columnsOf(this.#text.slice(start, this.#cursor));
    const target = step < 0 ? lineStart(this.#text, start - 1) : end + 1;
    const line = this.#text.slice(target, lineEnd(this.#text, target));
    this.cursor = target + positionAtColumn(line, column);
    this.#goalColumn = column;
    return true;
  }

  undo(): boolean {
    const last = this.#undo.pop();
    if (last === undefined) return false;
    this.#undoCharacters -= last.text.length;
    this.#text = last.text;
    this.cursor = last.cursor;
    return true;
  }

  #remember(): void {
    this.#undo.push({ text: this.#text, cursor: this.#cursor });
    this.#undoCharacters += this.#text.length;
    while (this.#undo.length > UNDO_STEPS || this.#undoCharacters > UNDO_CHARACTERS) {
      this.#undoCharacters -= this.#undo.shift()?.text.length ?? 0;
    }
  }
}

function columnsOf(text: string): number {
  return graphemesOf(text).reduce((sum, grapheme) => sum + graphemeWidth(grapheme), 0);
}

function positionAtColumn(line: string, column: number): number {
  let at = 0;
  let columns = 0;
  while (at < line.length) {
    const next = nextPosition(line, at);
    columns += graphemeWidth(line.slice(at, next));
    if (columns > column) break;
    at = next;
  }
  return at;
}
