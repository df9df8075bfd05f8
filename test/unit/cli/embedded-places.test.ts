import assert from "node:assert/strict";
import { resolve } from "node:path";
import { describe, it } from "node:test";
import { embeddedPlaces } from "../../../src/cli/embedded-places.ts";

describe("the places of the embedded runtime", () => {
  it("are the system's where the environment names none", () => {
    const env = { CRISH_ROOT: "", CRISH_RUNTIME_CONFIG: "" };
    assert.deepEqual(embeddedPlaces(env), { root: "/var/lib/crish", state: "/run/crish" });
  });

  it("are absolute, whatever the environment says", () => {
    const env = { CRISH_ROOT: "here/root", CRISH_STATE: "/there", CRISH_RUNTIME_CONFIG: "c.yaml" };
    assert.deepEqual(embeddedPlaces(env), {
      root: resolve("here/root"),
      state: "/there",
      configFile: "c.yaml",
    });
  });
});
