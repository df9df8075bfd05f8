import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { expandScriptFlag } from "../../../src/cli/script-flag.ts";

const LINES: readonly (readonly [string, string])[] = [
  ["-f s", "repl -- s"],
  ["-f s a -b --help -- c", "repl -- s a -b --help -- c"],
  ["-fs a", "repl -- s a"],
  ["-f=s", "repl -- s"],
  ["--file s a", "repl -- s a"],
  ["--file=s", "repl -- s"],
  ["-f -", "repl -- -"],
  ["-r unix://x -f s", "-r unix://x repl -- s"],
  ["-D -t 5 -f s", "-D -t 5 repl -- s"],
  ["-Dr unix://x -f s", "-Dr unix://x repl -- s"],
  ["--runtime-endpoint unix://x -f s", "--runtime-endpoint unix://x repl -- s"],
  ["--debug -f s", "--debug repl -- s"],
  ["--keep-going -f s", "repl --keep-going -- s"],
];

const UNTOUCHED = [
  "",
  "ps",
  "rm -f web",
  "logs -f web",
  "-r -f ps",
  "-- -f s",
  "-f",
  "exec web -f s",
];

describe("-f before the verb", () => {
  for (const [line, expected] of LINES) {
    it(`makes of ${line}: ${expected}`, () => {
      assert.deepEqual(expandScriptFlag(line.split(" ")), expected.split(" "));
    });
  }

  for (const line of UNTOUCHED) {
    it(`leaves alone: ${line || "nothing"}`, () => {
      const argv = line.split(" ").filter((word) => word !== "");
      assert.deepEqual(expandScriptFlag(argv), argv);
    });
  }
});
