import type { Tone } from "./span.ts";

/** SGR parameters of each tone, from the sixteen colours that every terminal's user has chosen. */
export const TONE_STYLE: Readonly<Record<Tone, string>> = {
  command: "32",
  builtin: "1;32",
  unknown: "31",
  flag: "36",
  string: "33",
  operator: "1",
  variable: "35",
  comment: "2",
};

export const DIM = "2";
export const CHOSEN = "7";
export const MARKED = "4";
