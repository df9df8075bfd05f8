import { type Cell, cellsOf } from "./cell.ts";

/** Behind an Esc: SGR, whose parameters count, or another sequence, which is dropped. */
const SEQUENCE = /^(?:\[([\d;:]*)m|\[[ -?]*[@-~]|.)/s;
/** Titles and the like: all up to BEL, or up to the Esc that ends them. */
const STRING = /^[\]PX^_]/;
const BELL = "\x07";

/** The lines of a prompt: its SGR codes become the style of what follows them. */
export function promptCells(prompt: string): Cell[][] {
  const lines: Cell[][] = [[]];
  let style = "";
  for (const [index, part] of prompt.split("\x1b").entries()) {
    const { size, parameters } = index > 0 ? scanSequence(part) : { size: 0 };
    if (parameters !== undefined) style = nextStyle(style, parameters);
    for (const [at, text] of part.slice(size).split("\n").entries()) {
      if (at > 0) lines.push([]);
      lines.at(-1)?.push(...cellsOf(text, style));
    }
  }
  return lines;
}

function scanSequence(part: string): { size: number; parameters?: string | undefined } {
  if (STRING.test(part)) {
    const bell = part.indexOf(BELL);
    return { size: bell < 0 ? part.length : bell + 1 };
  }
  const [whole, parameters] = SEQUENCE.exec(part) ?? [""];
  return { size: whole.length, parameters };
}

function nextStyle(style: string, parameters: string): string {
  if (parameters === "" || parameters === "0") return "";
  return style === "" ? parameters : `${style};${parameters}`;
}
