import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseProgram } from "../../../../src/repl/language/parse-program.ts";
import { quoteWord } from "../../../../src/repl/language/quote-word.ts";
import { literalText } from "../../../../src/repl/language/token.ts";

const WORDS = ["", "a", "a b", "it's", '"', "$x", "`", "a|b", ";", "&&", "#c", "~", "!", "=", "\\"];
const MORE = ["*", "a\nb", "-", "--all=x y", "''", "{{.x}}", "é…", "a=b", ">f", "2>", "$(x)"];

describe("quoting a word", () => {
  for (const word of [...WORDS, ...MORE]) {
    it(`makes one that is read as it was: ${JSON.stringify(word)}`, () => {
      const program = parseProgram(`echo ${quoteWord(word)} ${quoteWord(word)}`);
      assert.ok(program.kind === "program");
      const words = program.lists[0]?.[0]?.pipeline.command?.words ?? [];
      assert.deepEqual(words.map(literalText), ["echo", word, word]);
    });
  }

  it("leaves alone what needs no quotes", () => {
    for (const word of ["ps", "--all", "web-0", "a/b:c@d", "{{.x}}"]) {
      assert.equal(quoteWord(word), word);
    }
  });
});
