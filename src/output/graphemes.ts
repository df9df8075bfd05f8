/** Positions in a text lie between graphemes: what a person takes for one character. */

const SEGMENTER = new Intl.Segmenter("und", { granularity: "grapheme" });
/** Longer graphemes are cut: nobody types them. */
const LONGEST = 256;
/** From here on characters combine with those before them. */
const FIRST_COMBINING = 0x300;

export function graphemesOf(text: string): string[] {
  if (isPlain(text)) return text.split("");
  return Array.from(SEGMENTER.segment(text), ({ segment }) => segment);
}

/** The position behind the grapheme at `at`. */
export function nextPosition(text: string, at: number): number {
  if (at >= text.length) return text.length;
  const following = at + 1 < text.length ? text.charCodeAt(at + 1) : 0;
  if (text.charCodeAt(at) < FIRST_COMBINING && following < FIRST_COMBINING) return at + 1;
  const [first] = SEGMENTER.segment(text.slice(at, at + LONGEST));
  return at + (first?.segment.length ?? 1);
}

/** The position before the grapheme that ends at `at`. */
export function previousPosition(text: string, at: number): number {
  if (at <= 1) return 0;
  if (text.charCodeAt(at - 1) < FIRST_COMBINING) return at - 1;
  let start = at - 1;
  while (start > 0 && at - start < LONGEST && text.charCodeAt(start) >= FIRST_COMBINING) start--;
  let last = start;
  for (const { index } of SEGMENTER.segment(text.slice(start, at))) last = start + index;
  return last;
}

function isPlain(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    if (text.charCodeAt(at) >= FIRST_COMBINING) return false;
  }
  return true;
}
