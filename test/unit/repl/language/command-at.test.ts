import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { commandAt } from "../../../../src/repl/language/command-at.ts";

const ALIASES = new Map([
  ["w", "ps -o json"],
  ["v", "w -q"],
  ["loop", "loop -q"],
]);

/** A line up to the cursor; words, the current one, where it stands and from where it is replaced. */
const CURSORS: readonly (readonly [string, string])[] = [
  ["", "verb [] '' 0"],
  ["p", "verb [] 'p' 0"],
  ["ps ", "argument [ps] '' 3"],
  ["ps --st", "argument [ps] '--st' 3"],
  ["ps; exec we", "argument [exec] 'we' 9"],
  ["ps && ", "verb [] '' 6"],
  ["exec web 'a b", "argument [exec,web] 'a b' 9"],
  ['exec web "a b', "argument [exec,web] 'a b' 9"],
  ["exec web a\\ b", "argument [exec,web] 'a b' 9"],
  ["crish ps ", "argument [ps] '' 9"],
  ["time ps --st", "argument [ps] '--st' 8"],
  ["watch -n 2 ps ", "argument [ps] '' 14"],
  ["watch 2s p", "verb [] 'p' 9"],
  ["set x = ps -", "argument [ps] '-' 11"],
  ["set x = p", "verb [] 'p' 8"],
  ["set x", "argument [set] 'x' 4"],
  ["w -", "argument [ps,-o,json] '-' 2"],
  ["v -", "argument [ps,-o,json,-q] '-' 2"],
  ["echo $(ps -q --na", "argument [ps,-q] '--na' 13"],
  ['echo "$(ps -', "argument [ps] '-' 11"],
  ["ps | gr", "shell [] 'gr' 5"],
  ["ps | grep /et", "shell [] '/et' 10"],
  ["ps | wc; ex", "verb [] 'ex' 9"],
  ["!ls /t", "shell [] '/t' 4"],
  ["ps > fi", "file [ps] 'fi' 5"],
  ["ps > ", "file [ps] '' 5"],
  ["ps > f -", "argument [ps] '-' 7"],
  ["ps 2>&1 ", "argument [ps] '' 8"],
  ["echo $na", "variable [echo] 'na' 6"],
  [`echo "\${na`, "variable [echo] 'na' 8"],
  ["echo $", "variable [echo] '' 6"],
  ["echo \\$a", "argument [echo] '$a' 5"],
  ["echo '$a", "argument [echo] '$a' 5"],
  ["ps # com", "comment [] '' 8"],
];

describe("what stands at the cursor", () => {
  for (const [line, expected] of CURSORS) {
    it(`is found in ${JSON.stringify(line)}`, () => {
      const { words, current, where } = commandAt(`${line} | rest`, line.length, ALIASES);
      const shown = `${where} [${words}] '${current.text}' ${current.start}`;
      assert.equal(shown, expected);
    });
  }

  it("ends with an alias that leads to itself", () => {
    assert.equal(commandAt("loop -", 6, ALIASES).where, "argument");
  });
});
