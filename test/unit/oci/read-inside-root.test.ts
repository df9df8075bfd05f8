import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { readInsideRoot, resolveInsideRoot } from "../../../src/runtime/oci/read-inside-root.ts";

const root = mkdtempSync(join(tmpdir(), "crish-inside-"));
after(() => rmSync(root, { recursive: true }));
mkdirSync(join(root, "etc/real"), { recursive: true });
writeFileSync(join(root, "etc/real/passwd"), "inside");
symlinkSync("/etc/real/passwd", join(root, "etc/passwd"));
symlinkSync("../../../../../../etc/real", join(root, "etc/above"));
symlinkSync("loop", join(root, "etc/loop"));

describe("a path inside a root file system", () => {
  it("follows absolute links from the root of the container, not of the node", () => {
    assert.equal(readInsideRoot(root, "/etc/passwd"), "inside");
  });

  it("never climbs above the root", () => {
    assert.equal(resolveInsideRoot(root, "/etc/above/passwd"), join(root, "etc/real/passwd"));
    assert.equal(resolveInsideRoot(root, "../../x"), join(root, "x"));
  });

  it("is refused for a loop of links, and empty for what is no file", () => {
    assert.throws(() => resolveInsideRoot(root, "/etc/loop/x"), { code: "InvalidArgument" });
    assert.equal(readInsideRoot(root, "/etc/real"), "");
    assert.equal(readInsideRoot(root, "/none"), "");
  });
});
