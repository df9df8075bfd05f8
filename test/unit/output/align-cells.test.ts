import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { alignCells } from "../../../src/output/align-cells.ts";
import { cutMiddle } from "../../../src/output/display-width.ts";
import { fitColumns } from "../../../src/output/fit-columns.ts";

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

  it("count columns, of which wide characters take two and combining ones none", () => {
    assert.deepEqual(
      alignCells([
        ["中文", "running"],
        ["abcdef", "exited"],
        ["e\u0301", "👩‍🚀"],
      ]),
      ["中文    running", "abcdef  exited", "e\u0301       👩‍🚀"],
    );
    assert.equal(cutMiddle("中文名称容器", 12), "中文名称容器");
    assert.equal(cutMiddle("中文名称容器", 11), "中文…容器");
    assert.equal(cutMiddle("ae\u0301iou", 3), "a…u");
    assert.equal(fitColumns("中文名称", 8), "中文名…");
    assert.equal(fitColumns("中文名称", 9), "中文名称");
  });
});
