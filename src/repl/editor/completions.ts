/** What can stand in the input instead of the part from `start` to the cursor. */
export interface Completions {
  readonly candidates: readonly CompletionCandidate[];
  /** Where the replaced part begins, in UTF-16 units. */
  readonly start: number;
}

export interface CompletionCandidate {
  /** Inserted as it is: quoted where that is needed, with a blank at its end where a word ends. */
  readonly text: string;
  /** What the menu shows; without it the text. */
  readonly display?: string;
  /** A few words beside it in the menu. */
  readonly note?: string;
}
