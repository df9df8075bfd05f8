import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { chooseTarget } from "../../../../src/cli/cp/choose-target.ts";
import { parsePlace, splitSource } from "../../../../src/cli/cp/parse-place.ts";

describe("parsePlace", () => {
  it("tells containers, this host and streams apart", () => {
    const container = (name: string, path: string) => ({
      kind: "container",
      container: name,
      path,
    });
    for (const [word, place] of [
      ["-", { kind: "stream" }],
      ["a/b", { kind: "host", path: "a/b" }],
      ["./a:b", { kind: "host", path: "./a:b" }],
      ["/a:b", { kind: "host", path: "/a:b" }],
      ["web:/etc", container("web", "/etc")],
      ["web:etc:x", container("web", "etc:x")],
      ["shop/web/app:/srv", container("shop/web/app", "/srv")],
    ] as const) {
      assert.deepEqual(parsePlace(word), place, word);
    }
    for (const word of ["web:", ":/etc"]) {
      assert.throws(() => parsePlace(word), /is not CONTAINER:PATH/);
    }
  });
});

describe("splitSource", () => {
  it("parts a directory's content from an entry", () => {
    for (const [path, directory, name, isDirectory] of [
      ["/", "/", undefined, true],
      [".", ".", undefined, true],
      ["a", ".", "a", false],
      ["/a", "/", "a", false],
      ["/a/b/", "/a/", "b", true],
      ["/a/.", "/a/.", undefined, true],
      ["..", "..", undefined, false],
    ] as const) {
      assert.deepEqual(splitSource(path), { directory, name, isDirectory }, path);
    }
  });
});

describe("chooseTarget", () => {
  const file = { name: "f", isDirectory: false };
  const directory = { name: "d", isDirectory: true };
  const content = { name: undefined, isDirectory: true };

  it("copies as docker cp does", () => {
    for (const [path, existing, source, below, name] of [
      ["x", "nothing", file, "parent", "x"],
      ["x", "other", file, "parent", "x"],
      ["x/", "directory", file, "path", "f"],
      ["x", "directory", directory, "path", "d"],
      ["x", "nothing", directory, "parent", "x"],
      ["/y/x/", "nothing", directory, "parent", "x"],
      ["x", "directory", content, "path", undefined],
      ["x", "nothing", content, "parent", "x"],
    ] as const) {
      assert.deepEqual(chooseTarget(path, existing, source), { below, name }, path);
    }
  });

  it("refuses what would lose something or lie nowhere", () => {
    for (const [path, existing, source, code] of [
      ["x", "other", directory, "FailedPrecondition"],
      ["x", "other", content, "FailedPrecondition"],
      ["x/", "other", file, "FailedPrecondition"],
      ["x/", "nothing", file, "NotFound"],
    ] as const) {
      assert.throws(() => chooseTarget(path, existing, source), { code });
    }
  });
});
