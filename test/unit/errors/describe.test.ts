import assert from "node:assert/strict";
import { it, describe as suite } from "node:test";
import { describe } from "../../../src/errors/describe.ts";
import { StatusError } from "../../../src/errors/status-error.ts";

const chain = (...texts: readonly string[]): unknown =>
  texts.reduceRight<unknown>((cause, text) => new Error(text, { cause }), undefined);

suite("what describe tells of causes", () => {
  const cases: readonly (readonly [title: string, texts: readonly string[], told: string])[] = [
    [
      "each after the other",
      ["cannot pull", "no route", "EHOSTUNREACH"],
      "cannot pull: no route: EHOSTUNREACH",
    ],
    ["one that is the message", ["no such file", "no such file"], "no such file"],
    [
      "one that ends it",
      ['cannot open "a": no such file', "no such file"],
      'cannot open "a": no such file',
    ],
    [
      "one that begins it",
      ["no such file: look again", "no such file"],
      "no such file: look again",
    ],
    ["one amid it", ["exec: not found: gone", "not found"], "exec: not found: gone"],
    ["one in brackets", ["it is gone (not found)", "not found"], "it is gone (not found)"],
    ["one of several clauses", ["a: b: c: d", "b: c"], "a: b: c: d"],
    ["one told two above", ["a: no", "because", "no"], "a: no: because"],
    ["one whose lines are told", ["cannot run: a b", "a\nb"], "cannot run: a b"],
    ["one that begins a longer word", ["cannot note it", "not"], "cannot note it: not"],
    ["one that is a part of a clause", ["no such file", "no"], "no such file: no"],
    [
      "one that is a word of it",
      ["the file is no more", "no more"],
      "the file is no more: no more",
    ],
    ["one that is a name in it", ['"web" is not there', "web"], '"web" is not there: web'],
    [
      "one that is the code of an address",
      ["cannot reach 10.0.0.1:80", "80"],
      "cannot reach 10.0.0.1:80: 80",
    ],
    ["none that is empty", ["failed", "", "why"], "failed: why"],
  ];
  for (const [title, texts, told] of cases) {
    it(`is ${title}: "${told}"`, () => {
      assert.equal(describe(chain(...texts)).message, told);
    });
  }

  it("is the first hint, also below an error without one", () => {
    const cause = new StatusError("NotFound", "b", { hint: "look" });
    assert.deepEqual(describe(new Error("a", { cause })), { message: "a: b", hint: "look" });
  });
});
