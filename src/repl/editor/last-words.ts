/** Alt-.: the last words of history's lines, one line further back each time in a row. */
export class LastWords {
  /** Of the line whose word stands in the text. */
  #at = -1;
  #start = 0;

  /** What to put where, behind `start` up to the cursor; undefined where no older line has a word. */
  next(
    lines: readonly string[],
    { wordOf, cursor, isRepeat }: NextWord,
  ): { readonly start: number; readonly word: string } | undefined {
    if (!isRepeat) {
      this.#at = -1;
      this.#start = cursor;
    }
    for (let at = this.#at + 1; at < lines.length; at++) {
      const word = wordOf(lines[at] ?? "");
      if (word === "") continue;
      this.#at = at;
      return { start: this.#start, word };
    }
    return undefined;
  }
}

interface NextWord {
  wordOf(line: string): string;
  readonly cursor: number;
  /** Nothing was done since the last one. */
  readonly isRepeat: boolean;
}
