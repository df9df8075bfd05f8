import { graphemesOf } from "../../src/output/graphemes.ts";
import { graphemeWidth } from "../../src/output/text-width.ts";

interface Line {
  /** One entry a column; the second column of a wide character is empty text. */
  cells: string[];
  /** The terminal went on in the next line by itself. */
  isWrapped: boolean;
}

const PARAMETERS = /([?\d;]*)([A-Za-z])/y;

/**
 * A terminal as far as the editor uses one: characters with wrapping at the edge, carriage return,
 * line feed, moves, erasing, colours (left out) and modes. What it does not know throws.
 */
export class ScreenEmulator {
  #columns: number;
  #rows: number;
  /** Scrolled lines and, at the end, those of the screen. */
  #lines: Line[] = [];
  #top = 0;
  #row = 0;
  #column = 0;
  readonly modes = new Set<string>();

  constructor(columns: number, rows: number) {
    this.#columns = columns;
    this.#rows = rows;
    this.#lines = Array.from({ length: rows }, emptyLine);
  }

  write(data: string): void {
    let at = 0;
    while (at < data.length) {
      const character = data.charAt(at);
      if (character === "\r" || character === "\n") {
        if (character === "\n") this.#newline();
        this.#column = 0;
        at++;
        continue;
      }
      if (data.startsWith("\x1b[", at)) {
        PARAMETERS.lastIndex = at + 2;
        const [whole, parameters = "", final = ""] = PARAMETERS.exec(data) ?? [""];
        this.#control(parameters, final);
        at += 2 + whole.length;
        continue;
      }
      let end = at;
      while (end < data.length && !/\p{Cc}/u.test(data.charAt(end))) end++;
      if (end === at) throw new Error(`unknown: ${JSON.stringify(data.slice(at, at + 10))}`);
      for (const grapheme of graphemesOf(data.slice(at, end))) this.#print(grapheme);
      at = end;
    }
  }

  /** The lines of the screen without blanks at their ends. */
  screen(): string[] {
    return this.#lines.slice(this.#top).map(textOf);
  }

  /** All lines, without empty ones at the end. */
  all(): string[] {
    const lines = this.#lines.map(textOf);
    while (lines.length > 0 && lines.at(-1) === "") lines.pop();
    return lines;
  }

  /** All lines, joined where the terminal wrapped them. */
  joined(): string[] {
    const joined: string[] = [];
    let line = "";
    for (const { cells, isWrapped } of this.#lines) {
      line += cells.join("");
      if (isWrapped) continue;
      joined.push(line.trimEnd());
      line = "";
    }
    while (joined.length > 0 && joined.at(-1) === "") joined.pop();
    return joined;
  }

  cursor(): { row: number; column: number } {
    return { row: this.#row, column: Math.min(this.#column, this.#columns - 1) };
  }

  /** Wraps anew what had been wrapped, as most terminals do; the cursor stays with its text. */
  resize(columns: number): void {
    const at = this.#top + this.#row;
    let offset = Math.min(this.#column, this.#columns - 1);
    for (let row = at; row > 0 && this.#lines[row - 1]?.isWrapped === true; row--) {
      offset += this.#lines[row - 1]?.cells.length ?? 0;
    }
    const texts: string[][] = [];
    let cursorText = 0;
    for (const [index, { cells }] of this.#lines.entries()) {
      if (this.#lines[index - 1]?.isWrapped === true) texts.at(-1)?.push(...cells);
      else texts.push([...cells]);
      if (index === at) cursorText = texts.length - 1;
    }
    // Lines below the cursor are empty here: the editor's frames end with what they show.
    const lines: Line[] = [];
    let cursorLine = 0;
    for (const [index, cells] of texts.entries()) {
      if (index === cursorText) cursorLine = lines.length + Math.floor(offset / columns);
      const first = lines.length;
      for (let from = 0; from === 0 || from < cells.length; from += columns) {
        lines.push({ cells: cells.slice(from, from + columns), isWrapped: true });
      }
      (lines.at(-1) ?? emptyLine()).isWrapped = false;
      while (lines.length <= cursorLine && index === cursorText) lines.push(emptyLine());
      if (lines.length === first) lines.push(emptyLine());
    }
    while (lines.length > cursorLine + 1 && lines.at(-1)?.cells.length === 0) lines.pop();
    this.#lines = lines;
    this.#columns = columns;
    this.#column = offset % columns;
    this.#top = Math.max(0, Math.min(cursorLine, lines.length - this.#rows));
    while (this.#lines.length < this.#top + this.#rows) this.#lines.push(emptyLine());
    this.#row = cursorLine - this.#top;
  }

  #print(grapheme: string): void {
    const width = graphemeWidth(grapheme);
    if (width === 0) throw new Error("a grapheme without width");
    if (this.#column + width > this.#columns) {
      this.#line().isWrapped = true;
      this.#lineFeed();
      this.#column = 0;
    }
    const { cells } = this.#line();
    while (cells.length < this.#column) cells.push(" ");
    cells.splice(this.#column, width, grapheme, ...new Array<string>(width - 1).fill(""));
    this.#column += width;
  }

  #newline(): void {
    this.#line().isWrapped = false;
    this.#lineFeed();
  }

  #control(parameters: string, final: string): void {
    const count = Number(parameters) || 1;
    if (final === "A") this.#row = Math.max(0, this.#row - count);
    else if (final === "B") this.#row = Math.min(this.#rows - 1, this.#row + count);
    else if (final === "C") this.#column = Math.min(this.#columns - 1, this.#column + count);
    else if (final === "H" && parameters === "") this.#row = this.#column = 0;
    else if (final === "K" && parameters === "") this.#eraseRight();
    else if (final === "J" && (parameters === "" || parameters === "2")) this.#erase(parameters);
    else if (final === "h") this.modes.add(parameters);
    else if (final === "l") this.modes.delete(parameters);
    else if (final !== "m") throw new Error(`unknown: ${parameters}${final}`);
  }

  #erase(parameters: string): void {
    const from = parameters === "2" ? this.#top : this.#top + this.#row + 1;
    for (let index = from; index < this.#lines.length; index++) this.#lines[index] = emptyLine();
    if (parameters === "") this.#eraseRight();
  }

  #eraseRight(): void {
    const line = this.#line();
    // Behind a full line the cursor stands on its last column.
    line.cells.length = Math.min(line.cells.length, this.#column, this.#columns - 1);
    line.isWrapped = false;
  }

  #lineFeed(): void {
    if (this.#row < this.#rows - 1) {
      this.#row++;
      return;
    }
    this.#lines.push(emptyLine());
    this.#top++;
  }

  #line(): Line {
    const line = this.#lines[this.#top + this.#row];
    if (line === undefined) throw new Error("the cursor is outside of the screen");
    return line;
  }
}

function emptyLine(): Line {
  return { cells: [], isWrapped: false };
}

function textOf(line: Line): string {
  return line.cells.join("").trimEnd();
}
