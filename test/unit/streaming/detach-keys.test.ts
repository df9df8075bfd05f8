import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hasCode } from "../../../src/errors/status-error.ts";
import { createDetachFilter, parseDetachKeys } from "../../../src/streaming/detach-keys.ts";

/** The output for the input cut into single bytes, with `|` where the keys were complete. */
function typed(keys: string, input: string): string {
  const { filter, rest } = createDetachFilter(parseDetachKeys(keys));
  let output = "";
  for (const byte of Buffer.from(input)) {
    const result = filter(Buffer.from([byte]));
    output += result.output.toString();
    if (result.detached) return `${output}|`;
  }
  return `${output}${rest().toString()}`;
}

describe("detach keys", () => {
  it("are read from their names", () => {
    assert.deepEqual([...parseDetachKeys("ctrl-p,ctrl-q")], [16, 17]);
    assert.deepEqual([...parseDetachKeys("ctrl-],ctrl-@,x")], [29, 0, 120]);
    assert.equal(parseDetachKeys("").length, 0);
  });

  for (const text of ["ctrl-", "ctrl-1", "alt-p", "ctrl-p,", ",", "ctrl-pq", "é"]) {
    it(`are refused when unknown: ${JSON.stringify(text)}`, () => {
      assert.throws(
        () => parseDetachKeys(text),
        (error) => hasCode(error, "InvalidArgument"),
      );
    });
  }

  for (const [keys, input, output] of [
    ["ctrl-p,ctrl-q", "ls\n", "ls\n"],
    ["ctrl-p,ctrl-q", "ab\x10\x11cd", "ab|"],
    ["ctrl-p,ctrl-q", "a\x10b\x10\x11", "a\x10b|"],
    ["ctrl-p,ctrl-q", "\x10\x10\x11", "\x10|"],
    ["ctrl-p,ctrl-q", "\x11\x10", "\x11\x10"],
    ["a,a,b", "aaab", "a|"],
    ["a,b,a,c", "ababac", "ab|"],
    ["", "anything\x10\x11", "anything\x10\x11"],
  ] as const) {
    it(`pass on ${JSON.stringify(input)} as ${JSON.stringify(output)} for ${keys || "none"}`, () => {
      assert.equal(typed(keys, input), output);
      const whole = createDetachFilter(parseDetachKeys(keys));
      const result = whole.filter(Buffer.from(input));
      const text = `${result.output.toString()}${result.detached ? "|" : whole.rest().toString()}`;
      assert.equal(text, output);
    });
  }
});
