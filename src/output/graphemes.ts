/** Positions in a text lie between graphemes: what a person takes for one character. */

let segmenter: Intl.Segmenter | undefined;
/** Longer graphemes are cut: nobody types them. */
const LONGEST = 256;
/** From here on characters combine with those before them. */
const FIRST_COMBINING = 0x300;

export function graphemesOf(text: string): string[] {
  if (isPlain(text)) return text.split("");
  return Array.from(segment(text), (part) => part.segment);
}

/** The position behind the grapheme at `at`. */
export function nextPosition(text: string, at: number): number {
  if (at >= text.length) return text.length;
  const following = at + 1 < text.length ? text.charCodeAt(at + 1) : 0;
  if (text.charCodeAt(at) < FIRST_COMBINING && following < FIRST_COMBINING) return at + 1;
  const [first] = segment(text.slice(at, at + LONGEST));
  return at + (first?.segment.length ?? 1);
}

/** The position before the grapheme that ends at `at`. */
export function previousPosition(text: string, at: number): number {
  if (at <= 1) return 0;
  if (text.charCodeAt(at - 1) < FIRST_COMBINING) return at - 1;
  let start = at - 1;
  while (start > 0 && at - start < LONGEST && text.charCodeAt(start) >= FIRST_COMBINING) start--;
  let last = start;
  for (const { index } of segment(text.slice(start, at))) last = start + index;
  return last;
}

/** Made when it is needed: that takes a millisecond, and most texts are plain. */
function segment(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter("und", { granularity: "grapheme" });
  return segmenter.segment(text);
}

function isPlain(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    if (text.charCodeAt(at) >= FIRST_COMBINING) return false;
  }
  return true;
}
