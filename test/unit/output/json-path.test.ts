import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hasCode } from "../../../src/errors/status-error.ts";
import { compileJsonPath } from "../../../src/output/jsonpath/compile-json-path.ts";

const document = {
  kind: "List",
  items: [
    { metadata: { name: "a", labels: { "x.y": "1", app: "web" } }, n: 3, createdAt: "99" },
    { metadata: { name: "b" }, n: 5, createdAt: "100", tags: ["r", "s", "t"] },
  ],
};

describe("a JSONPath template", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["{.kind}", "List"],
    ["{$.kind}{@.kind}", "ListList"],
    [".kind", "List"],
    ["kind: {.kind}.", "kind: List."],
    ["{.items[*].metadata.name}", "a b"],
    ["{.items[0].metadata.name}", "a"],
    ["{.items[-1].n}", "5"],
    ["{.items[0:2].n}", "3 5"],
    ["{.items[1].tags[::2]}", "r t"],
    ["{.items[1].tags[0,2]}", "r t"],
    ["{.items[0]['n','createdAt']}", "3 99"],
    ["{.items[0].metadata.labels['x.y']}", "1"],
    ["{.items[0].metadata.labels['x\\.y']}", "1"],
    ["{.items[0].metadata.labels.x\\.y}", "1"],
    ["{..name}", "a b"],
    ["{.items[*].metadata.labels.app}", "web"],
    ["{.items[?(@.n>3)].metadata.name}", "b"],
    ["{.items[?(@.n >= 3)].n}", "3 5"],
    ["{.items[?(@.metadata.name=='b')].n}", "5"],
    ['{.items[?(@.metadata.name!="b")].n}', "3"],
    ["{.items[?(@.metadata.labels)].n}", "3"],
    ["{.items[?(@.metadata.name=~'^b$')].n}", "5"],
    // 64-bit integers are texts in protobuf's JSON; as texts "99" would come behind "100"
    ["{.items[?(@.createdAt<100)].n}", "3"],
    ['{range .items[*]}{.metadata.name}{"\\t"}{.n}{"\\n"}{end}', "a\t3\nb\t5\n"],
    ["{range .items[*]}{range .tags[*]}<{@}>{end};{end}", ";<r><s><t>;"],
    ["{range .none[*]}x{end}y", "y"],
    ["{.items[1].metadata}", '{"name":"b"}'],
    ["{.items[1].tags}", '["r","s","t"]'],
    ["{.nothing.below}", ""],
    ["{'{'}", "{"],
    ["", ""],
  ];
  for (const [template, expected] of cases) {
    it(`makes ${JSON.stringify(expected)} of ${template}`, () => {
      assert.equal(compileJsonPath(template)(document), expected);
    });
  }

  const malformed = [
    "{.a",
    "{.a[}",
    "{.a[0}",
    "{.a[?(@.b}",
    "{.a[?(@.b==)]}",
    "{.a[x]}",
    "{.a[0:2:0]}",
    '{"a}',
    "{range .a}",
    "{end}",
    "{name}",
    "{.a{.b}}",
    "{.a[]}",
  ];
  for (const template of malformed) {
    it(`is refused as ${template}`, () => {
      assert.throws(
        () => compileJsonPath(template),
        (error) => hasCode(error, "InvalidArgument"),
      );
    });
  }

  it("says what the document does not allow, or prints nothing where that is asked for", () => {
    assert.throws(
      () => compileJsonPath("{.items[7]}")(document),
      (error) => hasCode(error, "OutOfRange") && /no element 7 in a list of 2/.test(String(error)),
    );
    assert.throws(
      () => compileJsonPath("{.kind[0]}")(document),
      (error) => hasCode(error, "FailedPrecondition"),
    );
    assert.equal(compileJsonPath("{.items[7]}", { missing: "empty" })(document), "");
  });

  it("does not look into what an object inherits", () => {
    assert.equal(compileJsonPath("{.constructor}{.items.length}{.toString}")(document), "");
  });
});
