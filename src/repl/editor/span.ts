/** What a part of the input means; how each looks is the editor's own matter. */
export type Tone =
  | "command"
  | "builtin"
  | "unknown"
  | "flag"
  | "string"
  | "operator"
  | "variable"
  | "comment";

/** A part of the input, from `start` up to but not including `end`, in UTF-16 units. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly tone: Tone;
}
