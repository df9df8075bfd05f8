import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readShellWords } from "../../../src/cli/complete/read-shell-words.ts";

const BREAKS = " \t\n\"'@><=;|&(:";

const CASES: readonly [
  title: string,
  line: string,
  expected: { words: string[]; text: string; kept: string; quote?: string },
][] = [
  ["an empty line", "", { words: [], text: "", kept: "" }],
  ["a new word", "crish ps ", { words: ["crish", "ps"], text: "", kept: "" }],
  ["a begun word", "crish p", { words: ["crish"], text: "p", kept: "" }],
  [
    "quoted words",
    `a 'b c' "d e" f\\ g x`,
    { words: ["a", "b c", "d e", "f g"], text: "x", kept: "" },
  ],
  ["a reference with :", "a r/i:t", { words: ["a"], text: "r/i:t", kept: "r/i:" }],
  [
    "a flag with =",
    "a --image=r/i:t",
    { words: ["a"], text: "--image=r/i:t", kept: "--image=r/i:" },
  ],
  ["a digest", "a i@sha256:12", { words: ["a"], text: "i@sha256:12", kept: "i@sha256:" }],
  ["a guarded break", "a r\\:t", { words: ["a"], text: "r:t", kept: "" }],
  ["an open quote", "a 'b c", { words: ["a"], text: "b c", kept: "", quote: "'" }],
  ["a break in quotes", "a 'b:c", { words: ["a"], text: "b:c", kept: "", quote: "'" }],
  ["an open quote behind a break", 'a x="b', { words: ["a"], text: "x=b", kept: "x=", quote: '"' }],
  [
    "what \\ guards in double quotes",
    'a "b\\$c\\d',
    { words: ["a"], text: "b$c\\d", kept: "", quote: '"' },
  ],
  ["a \\ at the end", "a b\\", { words: ["a"], text: "b", kept: "" }],
  ["redirections", "a > f 2>&1 <g b c", { words: ["a", "b"], text: "c", kept: "" }],
];

describe("a line as a shell reads it", () => {
  for (const [title, line, { words, text, kept, quote }] of CASES) {
    it(`holds ${title}`, () => {
      const read = readShellWords(line, BREAKS);
      assert.deepEqual(read.words, words);
      const { current } = read;
      assert.deepEqual([current.text, current.text.slice(0, current.kept)], [text, kept]);
      assert.equal(current.quote, quote);
    });
  }
});
