import { graphemesOf } from "./graphemes.ts";
import { graphemeWidth } from "./text-width.ts";

/** From here on characters may be wide, or combine with those before them. */
const FIRST_ODD = 0x300;
const ELLIPSIS = "…";
/** Without one of these each character is a grapheme of its own, which need not be looked for. */
const MAY_JOIN =
  /[\p{M}\p{Cf}\p{Regional_Indicator}\p{Emoji_Presentation}\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]/u;

/** Columns that a text takes on a terminal. */
export function displayWidth(text: string): number {
  if (isPlain(text)) return text.length;
  let width = 0;
  for (const grapheme of partsOf(text)) width += graphemeWidth(grapheme);
  return width;
}

/** Of a text its beginning, in no more than so many columns. */
export function firstColumns(text: string, columns: number): string {
  if (isPlain(text)) return text.slice(0, Math.max(0, columns));
  return fitting(partsOf(text), columns).join("");
}

/** The text with an ellipsis in its middle where it is wider than that. */
export function cutMiddle(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  const end = Math.floor((width - 1) / 2);
  const graphemes = partsOf(text);
  const first = fitting(graphemes, width - 1 - end);
  const last = fitting(graphemes.reverse(), end).reverse();
  return `${first.join("")}${ELLIPSIS}${last.join("")}`;
}

/** The text with blanks behind it up to that width. */
export function padColumns(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - displayWidth(text)));
}

function partsOf(text: string): string[] {
  return MAY_JOIN.test(text) ? graphemesOf(text) : [...text];
}

/** The first of them that fit into so many columns. */
function fitting(graphemes: readonly string[], columns: number): string[] {
  let left = columns;
  const over = graphemes.findIndex((grapheme) => {
    left -= graphemeWidth(grapheme);
    return left < 0;
  });
  return graphemes.slice(0, over === -1 ? graphemes.length : over);
}

/** Then a character is a column. Lists may be long, and most of them have nothing else. */
function isPlain(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    if (text.charCodeAt(at) >= FIRST_ODD && text[at] !== ELLIPSIS) return false;
  }
  return true;
}
