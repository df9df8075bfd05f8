import { StatusError } from "../../errors/status-error.ts";
import { freshLine } from "../../output/fresh-line.ts";
import type { Builtin } from "./builtin.ts";
import { runRest } from "./run-rest.ts";

export const time: Builtin = {
  spec: {
    name: "time",
    summary: "run a command and say how long it took",
    description: "The time goes to stderr, and the command's status is passed on.",
    examples: [
      { line: "time pull alpine", meaning: "how long a pull takes" },
      { line: "time 'ps | wc -l'", meaning: "a whole line" },
    ],
    args: [],
    flags: [],
    stopAfterArgs: 0,
    restCompletion: "verb",
    group: "shell",
  },
  async run(shell, { rest }, session) {
    if (rest.length === 0) {
      throw new StatusError("InvalidArgument", "time needs a command", { hint: "time ps" });
    }
    const startedAt = performance.now();
    const status = await runRest(rest, session, shell);
    const seconds = (performance.now() - startedAt) / 1000;
    // Behind a line that the command did not end, or the `^C` of the terminal.
    const columns = session.stderr.canRedraw ? session.stderr.columns() : undefined;
    const begin = columns === undefined ? "" : freshLine(columns);
    await session.stderr.write(`${begin}real ${formatSeconds(seconds)}\n`);
    return status;
  },
};

/** `0.012s`, `3m12.5s` */
export function formatSeconds(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  if (minutes === 0) return `${seconds.toFixed(3)}s`;
  return `${minutes}m${(seconds - minutes * 60).toFixed(1)}s`;
}
