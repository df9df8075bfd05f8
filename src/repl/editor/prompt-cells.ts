import { type Cell, cellsOf } from "./cell.ts";

/** Behind an Esc: SGR, whose parameters count, or another sequence, which is dropped. */
const SEQUENCE = /^(?:\[([\d;:]*)m|\[[ -?]*[@-~]|.)/s;

/** The lines of a prompt: its SGR codes become the style of what follows them. */
export function promptCells(prompt: string): Cell[][] {
  const lines: Cell[][] = [[]];
  let style = "";
  for (const [index, part] of prompt.split("\x1b").entries()) {
    const sequence = index > 0 ? SEQUENCE.exec(part) : null;
    if (sequence?.[1] !== undefined) style = nextStyle(style, sequence[1]);
    for (const [at, text] of part
      .slice(sequence?.[0].length ?? 0)
      .split("\n")
      .entries()) {
      if (at > 0) lines.push([]);
      lines.at(-1)?.push(...cellsOf(text, style));
    }
  }
  return lines;
}

function nextStyle(style: string, parameters: string): string {
  if (parameters === "" || parameters === "0") return "";
  return style === "" ? parameters : `${style};${parameters}`;
}
