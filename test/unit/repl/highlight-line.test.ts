import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type HighlightFacts, highlightLine } from "../../../src/repl/highlight-line.ts";

const facts: HighlightFacts = {
  kindOf(name) {
    if (["ps", "exec"].includes(name)) return "command";
    return ["set", "time", "watch", "echo"].includes(name) ? "builtin" : undefined;
  },
};

const LINES: readonly (readonly [string, string])[] = [
  ["", ""],
  ["ps -o json | jq .x", "ps:command -o:flag |:operator"],
  ["pss", "pss:unknown"],
  ["!vi x", "!:operator"],
  ["ps > f # hi", "ps:command >:operator # hi:comment"],
  ["echo \"a $x\" 'b'", "echo:builtin \"a :string $x:variable \":string 'b':string"],
  ["echo $(ps -q)", "echo:builtin $(ps -q):variable"],
  ["set id = ps -q", "set:builtin =:operator ps:command -q:flag"],
  ["set id = pss", "set:builtin =:operator pss:unknown"],
  ["watch -n 2 ps -q", "watch:builtin -n:flag ps:command -q:flag"],
  ["time pss", "time:builtin pss:unknown"],
  ["crish -r unix://x ps", "crish:command -r:flag ps:command"],
  ["ps && pss; ps", "ps:command &&:operator pss:unknown ;:operator ps:command"],
  ["ps &", "ps:command &:unknown"],
  ["ps 2>&1 | cat", "ps:command 2>&1:operator |:operator"],
  ["exec web sh -c 'a", "exec:command -c:flag 'a:string"],
  ["ps --all=$x", "ps:command --all=:flag $x:variable"],
];

describe("the colours of a line", () => {
  for (const [line, expected] of LINES) {
    it(`are right for ${JSON.stringify(line)}`, () => {
      const spans = highlightLine(line, facts);
      const shown = spans.map(({ start, end, tone }) => `${line.slice(start, end)}:${tone}`);
      assert.equal(shown.join(" "), expected);
    });
  }

  it("lie in order and do not overlap, whatever is typed", () => {
    const pieces = ["ps", " ", "'", '"', "$x", "$(", ")", "|", ">", "&", ";", "!", "\\", "#", "="];
    for (const one of pieces) {
      for (const two of pieces) {
        for (const three of pieces) {
          const line = `set ${one}${two} ${three}${one} ps`;
          let end = 0;
          for (const span of highlightLine(line, facts)) {
            assert.ok(span.start >= end && span.end > span.start, line);
            end = span.end;
          }
          assert.ok(end <= line.length, line);
        }
      }
    }
  });
});
