import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hasCode } from "../../../src/errors/status-error.ts";
import type { Descriptor } from "../../../src/images/parse-manifest.ts";
import { hostPlatform, selectPlatform } from "../../../src/images/select-platform.ts";

function entry(name: string): Descriptor {
  const [os = "", architecture = "", variant = ""] = name.split("/");
  const platform = name === "" ? {} : { platform: { os, architecture, variant } };
  return { mediaType: "", digest: name, sizeBytes: 1, annotations: {}, ...platform };
}

describe("choice of a platform", () => {
  const table: [string, string[], string][] = [
    ["x64", ["linux/arm64", "linux/amd64"], "linux/amd64"],
    ["x64", ["windows/amd64", "linux/amd64"], "linux/amd64"],
    ["x64", ["linux/amd64/v3", "linux/amd64/v1"], "linux/amd64/v1"],
    ["x64", ["linux/386"], "linux/386"],
    ["x64", ["unknown/unknown", "linux/amd64"], "linux/amd64"],
    ["arm64", ["linux/arm/v7", "linux/arm64/v8"], "linux/arm64/v8"],
    ["arm64", ["linux/arm64/v9", "linux/arm/v7"], "linux/arm64/v9"],
    ["arm64", ["linux/arm/v6", "linux/arm/v7"], "linux/arm/v7"],
    ["arm", ["linux/arm/v6", "linux/arm/v8"], "linux/arm/v6"],
    ["x64", [""], ""],
    ["x64", ["linux/arm64", ""], ""],
  ];
  for (const [host, offered, chosen] of table) {
    it(`takes ${chosen || "an entry without platform"} of ${offered.join(", ")} on ${host}`, () => {
      assert.equal(selectPlatform(offered.map(entry), hostPlatform(host)).digest, chosen);
    });
  }

  it("says what there is when nothing fits", () => {
    assert.throws(
      () => selectPlatform([entry("linux/arm64"), entry("windows/amd64")], hostPlatform("x64")),
      (error) => hasCode(error, "NotFound") && /linux\/arm64, windows\/amd64/.test(error.message),
    );
  });
});
