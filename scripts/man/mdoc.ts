/**
 * The language of the pages, mdoc(7). Text lines are plain; words of macro lines are guarded where
 * they would be taken for macros or delimiters themselves.
 */

/** Lines of text: one sentence each, as mdoc wants them. */
export function textLines(text: string): string[] {
  const flowing = text.trim().replaceAll(/\s*\n\s*/g, " ");
  return flowing
    .split(/(?<=[.!?:;]) (?=[A-Z])|(?<=;) /)
    .map((sentence) => guardLine(escaped(sentence)));
}

/** A sentence: first letter as it is, a full stop at its end. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  return /[.!?:]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}

/** A word or several as arguments of a macro. */
export function args(text: string): string {
  return text
    .split(" ")
    .map((word) => {
      const safe = escaped(word).replaceAll('"', "\\(dq");
      return /^(?:[A-Z%][A-Za-z0-9]{1,2}|[.,:;()[\]?!|])$/.test(word) ? `\\&${safe}` : safe;
    })
    .join(" ");
}

/** Lines that are shown as they are, quotes and dashes too. */
export function literal(lines: readonly string[]): string[] {
  const shown = lines.map((line) => guardLine(guardQuotes(escaped(line)).replaceAll("-", "\\-")));
  return [".Bd -literal -offset indent", ...shown, ".Ed"];
}

/** A list of terms, macro lines, each with lines of text. */
export function tagged(
  items: readonly { readonly term: string; readonly lines: readonly string[] }[],
): string[] {
  return [
    ".Bl -tag -width Ds",
    ...items.flatMap(({ term, lines }) => [`.It ${term}`, ...lines]),
    ".El",
  ];
}

/** `.Xr` lines, by section and name, with commas between. */
export function references(pages: readonly (readonly [name: string, section: number])[]): string[] {
  const sorted = [...pages].sort(([a, inA], [b, inB]) => inA - inB || (a < b ? -1 : a > b ? 1 : 0));
  return sorted.map(
    ([name, section], index) => `.Xr ${name} ${section}${index === sorted.length - 1 ? "" : " ,"}`,
  );
}

function escaped(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("…", "...")
    .replaceAll(/[^\x20-\x7e]/gu, (character) => {
      const code = character.codePointAt(0) ?? 0;
      return `\\[u${code.toString(16).toUpperCase().padStart(4, "0")}]`;
    });
}

function guardQuotes(text: string): string {
  return text
    .replaceAll("'", "\\(aq")
    .replaceAll("`", "\\(ga")
    .replaceAll("^", "\\(ha")
    .replaceAll("~", "\\(ti");
}

/** A dot or a quote at the start of a line is no macro. */
function guardLine(line: string): string {
  return /^[.']/.test(line) ? `\\&${line}` : line;
}
