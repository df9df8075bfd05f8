import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseLabels } from "../../../src/cli/parse-labels.ts";
import { hasCode } from "../../../src/errors/status-error.ts";

describe("labels as KEY=VALUE", () => {
  const cases: readonly (readonly [readonly string[], Record<string, string>])[] = [
    [[], {}],
    [["app=shop"], { app: "shop" }],
    [["a=1,b=2", "c="], { a: "1", b: "2", c: "" }],
    [["eq=a=b"], { eq: "a=b" }],
    [["list=x,y,z,next=1"], { list: "x,y,z", next: "1" }],
  ];
  for (const [words, labels] of cases) {
    it(`are read from ${JSON.stringify(words)}`, () => {
      assert.deepEqual(parseLabels(words, "--annotation"), labels);
    });
  }

  for (const word of ["app", "=x", "a,b=1"]) {
    it(`are refused in "${word}"`, () => {
      assert.throws(
        () => parseLabels([word], "--annotation"),
        (error) => hasCode(error, "InvalidArgument"),
      );
    });
  }
});
