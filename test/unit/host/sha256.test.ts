import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { sha256Hex } from "../../../src/host/sha256.ts";

// The example of FIPS 180-4.
const ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

describe("a SHA-256", () => {
  it("is the standard's, of text and of bytes", () => {
    assert.equal(sha256Hex("abc"), ABC);
    assert.equal(sha256Hex(new TextEncoder().encode("abc")), ABC);
  });

  it("is the same on Bun", () => {
    const file = fileURLToPath(new URL("../../../src/host/sha256.ts", import.meta.url));
    const script = `import { sha256Hex } from ${JSON.stringify(file)}; console.log(sha256Hex("abc"));`;
    assert.equal(execFileSync("bun", ["-e", script], { encoding: "utf8" }).trim(), ABC);
  });
});
