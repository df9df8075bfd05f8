/** Where a search in history stands: what is searched and the line that was found. */
export interface SearchView {
  readonly query: string;
  readonly direction: "older" | "newer";
  readonly failed: boolean;
  readonly line: string;
  /** Where the query stands in the line. */
  readonly match: { readonly start: number; readonly end: number };
}

/** The incremental search of C-r and C-s. Small letters find capitals too. */
export class HistorySearch {
  readonly #lines: readonly string[];
  readonly #typed: string;
  #query = "";
  #direction: "older" | "newer";
  /** Index of the found line; -1 is what was typed before. */
  #at = -1;
  #failed = false;

  constructor(lines: readonly string[], typed: string, direction: "older" | "newer") {
    this.#lines = lines;
    this.#typed = typed;
    this.#direction = direction;
  }

  get query(): string {
    return this.#query;
  }

  /** Searches from the newest line on, or from the line found so far where the query only grew. */
  setQuery(query: string): void {
    const grew = query.startsWith(this.#query) && !this.#failed;
    this.#query = query;
    this.#find(grew ? Math.max(this.#at, 0) : 0, "older");
  }

  /** The next line that matches; another direction turns round. */
  again(direction: "older" | "newer"): void {
    this.#direction = direction;
    if (this.#query !== "") this.#find(this.#at + (direction === "older" ? 1 : -1), direction);
  }

  view(): SearchView {
    const line = this.#at < 0 ? this.#typed : (this.#lines[this.#at] ?? "");
    const start = this.#query === "" ? -1 : positionOf(this.#query, line);
    return {
      query: this.#query,
      direction: this.#direction,
      failed: this.#failed,
      line,
      match: start < 0 ? { start: 0, end: 0 } : { start, end: start + this.#query.length },
    };
  }

  #find(from: number, direction: "older" | "newer"): void {
    if (this.#query === "") {
      this.#at = -1;
      this.#failed = false;
      return;
    }
    const step = direction === "older" ? 1 : -1;
    for (let at = from; at >= 0 && at < this.#lines.length; at += step) {
      if (positionOf(this.#query, this.#lines[at] ?? "") < 0) continue;
      this.#at = at;
      this.#failed = false;
      return;
    }
    this.#failed = true;
  }
}

function positionOf(query: string, line: string): number {
  if (query !== query.toLowerCase()) return line.indexOf(query);
  const lower = line.toLowerCase();
  // Few characters have a small form of another length; positions would be those of another text.
  return lower.length === line.length ? lower.indexOf(query) : line.indexOf(query);
}
