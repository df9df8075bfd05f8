/** A question with a list to choose from. */
export interface PickRequest {
  readonly question: string;
  /** More than one may be chosen. */
  readonly several: boolean;
  readonly choices: readonly PickChoice[];
}

export interface PickChoice {
  /** What is answered. */
  readonly value: string;
  /** What is shown and searched, without control characters. */
  readonly label: string;
  /** The parts of the label, as many in each choice: they are aligned to the terminal's width. */
  readonly cells: readonly string[];
}
