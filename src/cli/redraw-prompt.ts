import type * as Core from "@inquirer/core";
import { guardStop } from "../host/guard-stop.ts";
import { processJob } from "../host/job-control.ts";

export interface DrawnPrompt {
  readonly output: NodeJS.WritableStream;
  /** How many rows stand below the cursor; more than there are leave as many empty ones. */
  rowsBelow(): number;
}

const SHOW_CURSOR = "\x1b[?25h";

/**
 * A hook of a prompt's view: a process that is stopped leaves the prompt above what comes then, and
 * shows it again below when it goes on. Returns what draws the prompt anew at any time.
 */
export function useRedraw(
  { useEffect, useState }: typeof Core,
  { output, rowsBelow }: DrawnPrompt,
): () => void {
  const [, setDraws] = useState(0);
  const redraw = () => {
    // The prompt is where the library believes it: around the cursor, at its old size.
    const rows = rowsBelow();
    output.write(`\x1b[J${"\n".repeat(rows)}\x1b[${rows}A`);
    setDraws((count) => count + 1);
  };
  useEffect(
    () =>
      guardStop({
        before: () => void output.write(`\x1b[${rowsBelow()}B${SHOW_CURSOR}`),
        after: () => void processJob.refreshSize().then(redraw),
      }),
    [],
  );
  return redraw;
}
