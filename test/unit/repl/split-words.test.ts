import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { StatusError } from "../../../src/errors/status-error.ts";
import { quoteWord, scanLine, splitWords } from "../../../src/repl/split-words.ts";

const CASES: readonly [title: string, line: string, words: readonly string[]][] = [
  ["parts words at blanks", "  ps\t-a  --name web ", ["ps", "-a", "--name", "web"]],
  [
    "takes what stands in single quotes literally",
    `exec c sh -c 'a|b "c" \\n $x'`,
    ["exec", "c", "sh", "-c", 'a|b "c" \\n $x'],
  ],
  [
    "guards five characters with a backslash in double quotes",
    `"a\\"b\\\\c\\$d\\\`e\\nf"`,
    ['a"b\\c$d`e\\nf'],
  ],
  ["guards any character with a backslash outside quotes", "a\\ b \\| \\'", ["a b", "|", "'"]],
  ["joins pieces that touch", `--label='a b'"=c"d`, ["--label=a b=cd"]],
  ["keeps empty words that are quoted", `'' "" a`, ["", "", "a"]],
  ["ends at a comment, which begins at the start of a word", "ps # 'all", ["ps"]],
  ["takes a # inside a word for itself", "a#b", ["a#b"]],
  [
    "expands neither globs nor variables",
    "ps *.log $HOME ~ {a,b}",
    ["ps", "*.log", "$HOME", "~", "{a,b}"],
  ],
  ["joins lines at a backslash", "ps \\\n -a --na\\\nme x", ["ps", "-a", "--name", "x"]],
  ["keeps a newline inside quotes", "a 'b\nc'", ["a", "b\nc"]],
];

describe("splitting a line into words", () => {
  for (const [title, line, words] of CASES) {
    it(title, () => assert.deepEqual(splitWords(line), words));
  }

  it("refuses a quote that is not closed", () => {
    for (const line of ["a 'b", 'a "b', 'a "b\\"']) {
      assert.throws(() => splitWords(line), isUsageError(/quote .* is not closed/));
    }
  });

  it("refuses the operators of a shell unless they are quoted", () => {
    for (const line of ["ps | jq", "ps > f", "a;b", "a && b", "a < f"]) {
      assert.throws(() => splitWords(line), isUsageError(/has no meaning here/));
    }
  });

  it("knows when a line goes on", () => {
    assert.equal(scanLine("a 'b").open, "'");
    assert.equal(scanLine('a "b').open, '"');
    assert.equal(scanLine("a \\").open, "\\");
    assert.equal(scanLine("a # 'b\\").open, undefined);
    assert.deepEqual(
      scanLine("a \\").words.map(({ text }) => text),
      ["a"],
    );
  });

  it("quotes words so that they come back as they were", () => {
    for (const word of ["", "a b", "it's", "$x", "#", "plain", "a|b", 'q"q']) {
      assert.deepEqual(splitWords(quoteWord(word)), [word]);
    }
  });
});

function isUsageError(pattern: RegExp) {
  return (error: unknown) =>
    error instanceof StatusError && error.code === "InvalidArgument" && pattern.test(error.message);
}
