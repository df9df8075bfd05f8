import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { alignCells } from "../../../src/output/align-cells.ts";
import { cutMiddle } from "../../../src/output/column-widths.ts";

describe("aligned cells", () => {
  const rows = [
    ["web", "running", "default/web"],
    ["a-name-that-somebody-generated-x2x4z", "exited", "default/db"],
  ];

  it("stand below each other", () => {
    assert.deepEqual(alignCells(rows), [
      "web                                   running  default/web",
      "a-name-that-somebody-generated-x2x4z  exited   default/db",
    ]);
  });

  it("are cut in the middle where the widest would not fit, and keep their ends", () => {
    assert.deepEqual(alignCells(rows, 40), [
      "web                 running  default/web",
      "a-name-th…ed-x2x4z  exited   default/db",
    ]);
  });

  it("are not cut beyond use", () => {
    assert.equal(alignCells([["a".repeat(20), "b".repeat(20)]], 5)[0]?.length, 26);
    assert.deepEqual(alignCells([]), []);
    assert.equal(cutMiddle("abcdefgh", 5), "ab…gh");
  });
});
