import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseLabelSelector } from "../../../src/cli/label-selector.ts";
import { hasCode } from "../../../src/errors/status-error.ts";

const web = { app: "web", tier: "front", "io.kubernetes.pod.name": "web-1" };
const api = { app: "api", list: "x,y" };

describe("a label selector", () => {
  const cases: readonly (readonly [readonly string[], boolean, boolean])[] = [
    [[], true, true],
    [["app=web"], true, false],
    [["app==web"], true, false],
    [["app!=web"], false, true],
    [["tier!=front"], false, true],
    [["app=web,tier=front"], true, false],
    [["app=web", "tier=back"], false, false],
    [["app in (web,api)"], true, true],
    [["app in (web, db),tier"], true, false],
    [["app notin (web)"], false, true],
    [["app in (api),list=x,y"], false, true],
    [["tier"], true, false],
    [["!tier"], false, true],
    [["app=api,!tier"], false, true],
    [["io.kubernetes.pod.name=web-1"], true, false],
    [["list=x,y"], false, true],
    [["list=x,y,app=api"], false, true],
    [["app="], false, false],
    [["tier notin (a,b),app in (web)"], true, false],
  ];
  for (const [words, matchesWeb, matchesApi] of cases) {
    it(`${JSON.stringify(words)} finds what it says`, () => {
      const selector = parseLabelSelector(words);
      assert.deepEqual([selector.matches(web), selector.matches(api)], [matchesWeb, matchesApi]);
    });
  }

  it("tells what a runtime's own filter can have", () => {
    const { equal } = parseLabelSelector(["app=web,tier!=back", "zone in (a)", "x in (a,b)", "y"]);
    assert.deepEqual(equal, { app: "web", zone: "a" });
  });

  for (const word of [
    "=x",
    "!",
    "a b",
    "app in web",
    "app in (a",
    "app in (a) b",
    "a=b=,(",
    "!a=b",
  ]) {
    it(`is refused as "${word}"${word === "a=b=,(" ? ", unless it is a value" : ""}`, () => {
      if (word === "a=b=,(") {
        assert.deepEqual(parseLabelSelector([word]).equal, { a: "b=,(" });
        return;
      }
      assert.throws(
        () => parseLabelSelector([word]),
        (error) => hasCode(error, "InvalidArgument"),
      );
    });
  }

  it("does not take what an object inherits for a label", () => {
    assert.equal(parseLabelSelector(["constructor"]).matches({}), false);
  });
});
