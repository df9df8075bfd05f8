/** Terms with their meanings beside them, indented by two blanks, in so many columns. */
export function renderRows(
  rows: readonly (readonly [term: string, meaning: string])[],
  width: number,
): string {
  const left = Math.max(...rows.map(([term]) => term.length)) + 4;
  return rows
    .map(([term, meaning]) => {
      const lines = wrapWords(meaning, Math.max(20, width - left));
      return `  ${term.padEnd(left - 2)}${lines.join(`\n${" ".repeat(left)}`)}`;
    })
    .join("\n");
}

/** The lines of a text of so many columns; a word that is longer has a line of its own. */
export function wrapWords(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + word.length + 1 > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
