/** What the user did at the prompt. */
export type EditedInput =
  /** Submitted; may hold newlines. */
  | { readonly kind: "line"; readonly text: string }
  /** Ctrl-C: the input is dropped, `^C` stands on the terminal. */
  | { readonly kind: "interrupt"; readonly wasEmpty: boolean }
  /** Ctrl-D on an empty input, the end of the terminal, or the session's end. */
  | { readonly kind: "end" };
