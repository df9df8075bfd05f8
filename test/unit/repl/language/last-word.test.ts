import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { lastWord } from "../../../../src/repl/language/last-word.ts";

const CASES: readonly (readonly [line: string, word: string])[] = [
  ["", ""],
  ["ps", "ps"],
  ["logs default/web/app  ", "default/web/app"],
  ["run 'a b' \"c d\"", '"c d"'],
  ["echo a\\ b", "a\\ b"],
  ["rm -f $ids", "$ids"],
  ["inspect $(ps -q --name x)", "$(ps -q --name x)"],
  ["ps -a # all of them", "-a"],
  ["ps > /tmp/list", "/tmp/list"],
  ["ps -q | grep 'a b'", "'a b'"],
  ["ps -q | sort -u ", "-u"],
  ["!ls /var/my\\ log", "/var/my\\ log"],
  ["stop web;", "web"],
  ["# nothing", ""],
  ["echo 'open", "'open"],
  ["!echo 'open", "'open"],
];

describe("the last word of a line", () => {
  for (const [line, word] of CASES) {
    it(`of ${line || "nothing"} is ${word || "none"}`, () => assert.equal(lastWord(line), word));
  }
});
