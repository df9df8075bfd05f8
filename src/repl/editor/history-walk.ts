/**
 * Up and Down through history: the lines that begin with what was typed, and back to it. Begins
 * anew when the text is another than the walk has shown last.
 */
export class HistoryWalk {
  #matches: readonly string[] = [];
  /** -1 is the typed text itself. */
  #at = -1;
  #typed = "";

  /** An older line (1) or a newer one (-1); undefined where there is none. */
  step(direction: 1 | -1, text: string, lines: () => readonly string[]): string | undefined {
    if (this.#shown() !== text) this.#at = -1;
    if (this.#at === -1) {
      if (direction < 0) return undefined;
      this.#typed = text;
      this.#matches = lines().filter((line) => line !== text && line.startsWith(text));
    }
    const next = this.#at + direction;
    if (next >= this.#matches.length) return undefined;
    this.#at = next;
    return this.#shown();
  }

  #shown(): string | undefined {
    return this.#at === -1 ? this.#typed : this.#matches[this.#at];
  }
}

/** The rest of the newest line that begins with the text; empty where there is none. */
export function suggestionFor(text: string, lines: readonly string[]): string {
  if (text === "" || text.length > LONGEST_SUGGESTED) return "";
  const line = lines.find((known) => known.length > text.length && known.startsWith(text));
  return line?.slice(text.length) ?? "";
}

const LONGEST_SUGGESTED = 1000;
