import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseChallenges } from "../../../src/registry/parse-challenge.ts";

describe("WWW-Authenticate", () => {
  it("reads a bearer challenge with quoted parameters", () => {
    const header =
      'Bearer realm="https://auth.example/token",service="registry",scope="repository:a/b:pull,push"';
    assert.deepEqual(parseChallenges(header), [
      {
        scheme: "bearer",
        parameters: {
          realm: "https://auth.example/token",
          service: "registry",
          scope: "repository:a/b:pull,push",
        },
      },
    ]);
  });

  it("reads several challenges, tokens and escapes", () => {
    assert.deepEqual(parseChallenges('Basic realm="a \\"b\\"", Bearer realm=x, error=invalid'), [
      { scheme: "basic", parameters: { realm: 'a "b"' } },
      { scheme: "bearer", parameters: { realm: "x", error: "invalid" } },
    ]);
  });

  for (const header of ["", "???", '="', 'Bearer realm="unclosed', ",,,", "Basic"]) {
    it(`survives ${JSON.stringify(header)}`, () => {
      assert.ok(Array.isArray(parseChallenges(header)));
    });
  }
});
