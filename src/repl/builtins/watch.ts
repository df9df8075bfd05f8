import { parseDuration } from "../../config/parse-duration.ts";
import { EXIT } from "../../errors/exit-code.ts";
import { StatusError } from "../../errors/status-error.ts";
import type { Builtin } from "./builtin.ts";

const DEFAULT_INTERVAL = "2s";
const LEAST_INTERVAL_MS = 100;
const DURATION = /^[+-]?[\d.]/;

export const watch: Builtin = {
  spec: {
    name: "watch",
    summary: "run a command again and again, on a screen of its own",
    description: [
      "Every 2 seconds, or as often as is said: watch 5s ps, watch -n 500ms ps. Ctrl-C ends it, with",
      "status 0, and leaves the screen as it was. Failures are shown, and it goes on. Without a",
      "terminal the outputs follow each other with an empty line between them.",
    ].join("\n"),
    examples: [
      { line: "watch ps", meaning: "the containers, every two seconds" },
      { line: "watch 5s 'ps | grep web'", meaning: "a whole line, every five" },
    ],
    args: [],
    flags: [],
    stopAfterArgs: 0,
    restCompletion: "verb",
    group: "shell",
  },
  async run(shell, { rest }, session) {
    const { interval, words } = readInterval(rest);
    if (words.length === 0) {
      throw new StatusError("InvalidArgument", "watch needs a command", { hint: "watch 2s ps" });
    }
    const intervalMs = parseDuration(interval, "watch");
    if (intervalMs < LEAST_INTERVAL_MS) {
      throw new StatusError("InvalidArgument", `watch: "${interval}" is too often`, {
        hint: "the least is 100ms",
      });
    }
    const { watchOnPipe, watchOnTerminal } = await import("./watch-output.ts");
    const how = session.stdout.canRedraw ? watchOnTerminal : watchOnPipe;
    await how({
      words,
      title: `every ${interval}: ${words.join(" ")}`,
      intervalMs,
      shell,
      session,
    });
    return EXIT.success;
  },
};

function readInterval(rest: readonly string[]): { interval: string; words: readonly string[] } {
  const [first = "", second = ""] = rest;
  if (first === "-n" || first === "--interval") return { interval: second, words: rest.slice(2) };
  const attached = /^(?:-n|--interval=)(.+)$/.exec(first)?.[1];
  if (attached !== undefined) return { interval: attached, words: rest.slice(1) };
  if (first.startsWith("-")) {
    throw new StatusError("InvalidArgument", `unknown flag "${first}"`, {
      hint: "watch [-n INTERVAL] COMMAND",
    });
  }
  if (DURATION.test(first)) return { interval: first, words: rest.slice(1) };
  return { interval: DEFAULT_INTERVAL, words: rest };
}
