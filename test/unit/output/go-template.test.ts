import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hasCode } from "../../../src/errors/status-error.ts";
import { compileGoTemplate } from "../../../src/output/go-template/compile-go-template.ts";

const document = {
  kind: "List",
  empty: [],
  exact: 18446744073709551615n,
  items: [
    { metadata: { name: "a", labels: { "x.y": "1" } }, n: 3, size: "99" },
    { metadata: { name: "b" }, n: 5, size: "100" },
  ],
};

describe("a Go template", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["{{.kind}}", "List"],
    ["{{range .items}}{{.metadata.name}} {{end}}", "a b "],
    ["{{range $i, $e := .items}}{{if $i}}, {{end}}{{$i}}={{$e.n}}{{end}}", "0=3, 1=5"],
    ["{{range $k, $v := .items}}{{$.kind}}{{end}}", "ListList"],
    ["{{range .empty}}x{{else}}none{{end}}", "none"],
    ["{{range .items}}{{if eq .n 3}}{{continue}}{{end}}{{.n}}{{end}}", "5"],
    ["{{range .items}}{{if eq .n 5}}{{break}}{{end}}{{.n}}{{end}}", "3"],
    ["{{range 3}}{{.}}{{end}}", "012"],
    ["{{with .empty}}x{{else with .kind}}[{{.}}]{{end}}", "[List]"],
    ["{{if .empty}}a{{else if .kind}}b{{else}}c{{end}}", "b"],
    ['{{index (index .items 0).metadata.labels "x.y"}}', "1"],
    ['{{index (index .items 1).metadata "labels"}}', ""],
    ["{{len .items}} {{.items | len}} {{len .kind}}", "2 2 4"],
    ['{{eq .kind "A" "List"}} {{ne 1 2}} {{lt 1 2}} {{ge 2 3}}', "true true true false"],
    ["{{range .items}}{{if lt .size 100}}{{.n}}{{end}}{{end}}", "3"],
    ["{{and .empty .kind}}{{or .empty .kind}}{{not .empty}}", "[]Listtrue"],
    // what decides ends it: nothing is asked of what is not there
    ["{{and .empty .nothing}}", "[]"],
    ["{{$x := 1}}{{if true}}{{$x = 2}}{{end}}{{$x}}", "2"],
    ["{{$x := 1}}{{if true}}{{$x := 2}}{{end}}{{$x}}", "1"],
    ['{{define "t"}}<{{.n}}>{{end}}{{range .items}}{{template "t" .}}{{end}}', "<3><5>"],
    ['{{block "b" .kind}}({{.}}){{end}}', "(List)"],
    ["a {{- /* none */ -}} b", "ab"],
    ["a {{- 1 -}} b {{2 -}} c", "a1b 2c"],
    ['{{"a\\tb"}}{{`r\\n`}}', "a\tbr\\n"],
    ['{{.exact}} {{printf "%d" .exact}}', "18446744073709551615 18446744073709551615"],
    [
      '{{printf "%05d|%-4s|%4s|%.2f|%x|%q|%t|%%" 42 "ab" "cd" 3.14159 255 "x" true}}',
      '00042|ab  |  cd|3.14|ff|"x"|true|%',
    ],
    ['{{printf "%s"}}{{printf "%d" "x"}}', "%!s(MISSING)%!d(x)"],
    ["{{(index .items 1).metadata}}", "map[name:b]"],
    ["{{json (index .items 1).metadata}}", '{"name":"b"}'],
    ['{{title "hello world"}} {{upper "a"}} {{lower "B"}}', "Hello World A b"],
    ['{{join (split "a,b" ",") "+"}} {{base64decode "aGk="}}', "a+b hi"],
    ['{{print 1 2 "x" 3}}{{println "y"}}', "1 2x3y\n"],
    ["{{slice .kind 1 3}}", "is"],
    ['{{html "<a>"}} {{urlquery "a b"}}', "&lt;a&gt; a+b"],
    ["{{.kind | printf `%s-%s` `x`}}", "x-List"],
    ["{{'a'}} {{0x10}} {{1_000}} {{-2}}", "97 16 1000 -2"],
    ["no action", "no action"],
  ];
  for (const [template, expected] of cases) {
    it(`makes ${JSON.stringify(expected)} of ${template}`, () => {
      assert.equal(compileGoTemplate(template)(document), expected);
    });
  }

  const malformed = [
    "{{",
    "{{.a",
    "{{if .a}}",
    "{{end}}",
    "{{else}}",
    "{{foo .a}}",
    "{{.a .b}}",
    "{{if}}x{{end}}",
    "{{break}}",
    '{{template "nothing"}}',
    "{{template x}}",
    "{{$x}}",
    '{{"a}}',
    "{{(.a}}",
    "{{if .a}}{{else}}{{else}}{{end}}",
    "{{# a}}",
  ];
  for (const template of malformed) {
    it(`is refused as ${template}`, () => {
      assert.throws(
        () => compileGoTemplate(template)(document),
        (error) => hasCode(error, "InvalidArgument"),
      );
    });
  }

  it("takes a field that is not there for an error that lists what is", () => {
    assert.throws(
      () => compileGoTemplate("{{(index .items 1).metadata.nam}}")(document),
      /there is no "nam"; it has name/,
    );
    for (const template of ["{{.constructor}}", "{{.kind.length}}", "{{index .items 9}}"]) {
      assert.throws(
        () => compileGoTemplate(template)(document),
        (error) => hasCode(error, "FailedPrecondition"),
      );
    }
  });

  it("stops a template that calls itself for ever", () => {
    assert.throws(
      () => compileGoTemplate('{{define "t"}}{{template "t"}}{{end}}{{template "t"}}')(document),
      /calls itself for ever/,
    );
  });
});
