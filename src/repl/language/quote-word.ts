/** The word as one would type it: quoted where a blank, a quote or an operator asks for it. */
export function quoteWord(word: string): string {
  if (word !== "" && !/[\s'"\\#|&;<>$`*?~!=]/.test(word)) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
