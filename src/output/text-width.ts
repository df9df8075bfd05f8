/** Blocks whose characters take two columns (East Asian Wide and Fullwidth of Unicode 16). */
const WIDE_RANGES: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x4dbf],
  [0x4e00, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6f],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x18dff],
  [0x1aff0, 0x1b2ff],
  [0x1f200, 0x1f265],
  [0x20000, 0x3fffd],
];

const NO_COLUMN = /^[\p{Mn}\p{Me}\p{Cf}\u1160-\u11ff]$/u;
const EMOJI = /^\p{Emoji_Presentation}$/u;
/** So that any grapheme fits into the narrowest screen that is drawn on. */
const WIDEST_GRAPHEME = 4;
/** One picture of several characters: flags, joined emoji, text that is asked to be a picture. */
const PICTURE = /\p{Regional_Indicator}|\p{Emoji_Presentation}|\ufe0f/u;

/**
 * Columns that a grapheme takes. Terminals disagree about some (joined emoji): whoever draws places
 * the cursor anew behind what `isCertain` denies.
 */
export function graphemeWidth(grapheme: string): number {
  if (grapheme.length === 1 && grapheme.charCodeAt(0) < 0x300) return 1;
  if (grapheme.length > 1 && PICTURE.test(grapheme)) return 2;
  let width = 0;
  for (const character of grapheme) width += characterWidth(character);
  return Math.min(width, WIDEST_GRAPHEME);
}

/** Whether every terminal gives the grapheme the same width. */
export function isCertain(grapheme: string): boolean {
  if (/^[ -~]*$/.test(grapheme)) return true;
  if (grapheme.length === 1 && grapheme.charCodeAt(0) < 0x300) return true;
  return grapheme.length === 1 && !NO_COLUMN.test(grapheme) && !EMOJI.test(grapheme);
}

function characterWidth(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x300) return 1;
  if (NO_COLUMN.test(character)) return 0;
  if (WIDE_RANGES.some(([first, last]) => code >= first && code <= last)) return 2;
  return EMOJI.test(character) ? 2 : 1;
}
