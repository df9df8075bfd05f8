import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { escapeControl } from "../../../src/output/escape-control.ts";
import { formatAge, formatDuration } from "../../../src/output/format-age.ts";
import { formatSize } from "../../../src/output/format-size.ts";
import { formatTime } from "../../../src/output/format-time.ts";
import { parseJsonExactly, renderJson } from "../../../src/output/json.ts";
import { shortId } from "../../../src/output/short-id.ts";
import { renderTable } from "../../../src/output/table.ts";
import { renderVerbose } from "../../../src/output/verbose.ts";
import { renderYaml } from "../../../src/output/yaml.ts";

const PIPE = { isTty: false, color: false, width: undefined };
const TERMINAL = { isTty: true, color: false, width: 80 };

describe("a table", () => {
  it("has crictl's widths where no terminal is, the last column bare", async () => {
    const text = await renderTable(["A", "B"], [["x", "y"]], PIPE);
    assert.equal(text, `A${" ".repeat(19)}B\nx${" ".repeat(19)}y\n`);
  });

  it("grows with its content, three blanks between columns", async () => {
    const text = await renderTable(["A", "B"], [["x".repeat(30), "y"]], PIPE);
    assert.equal(text.split("\n")[1], `${"x".repeat(30)}   y`);
  });

  it("is as narrow as its content on a terminal, and narrower where it would not fit", async () => {
    assert.equal(await renderTable(["A", "B"], [["x", "y"]], TERMINAL), "A   B\nx   y\n");
    const narrow = { ...TERMINAL, width: 4 };
    assert.equal(await renderTable(["A", "B"], [["x", "y"]], narrow), "A  B\nx  y\n");
  });

  it("cuts the widest cells on a terminal that is too narrow, and no ID", async () => {
    const rows = [["0123456789abc", "registry.example/a/long/name:1.2.3", "web"]];
    const at = (width: number, isWhole = false) =>
      renderTable(["ID", "IMAGE", "NAME"], rows, { ...TERMINAL, width, isWhole });
    const cut = (await at(40)).split("\n");
    assert.equal(cut[1], "0123456789abc  registry.…ame:1.2.3  web");
    assert.ok(cut.every((line) => line.length <= 40));
    assert.match(await at(20), /0123456789abc {2}registry\.example\/a\/long\/name:1\.2\.3 {2}web/);
    assert.match(await at(40, true), /a\/long\/name:1\.2\.3/);
  });

  it("gives wide characters two columns on a terminal, and counts characters in a pipe", async () => {
    const rows = [
      ["中文名称", "x"],
      ["plain", "y"],
    ];
    assert.equal(
      await renderTable(["A", "B"], rows, { ...TERMINAL, width: 12 }),
      "A          B\n中文名称   x\nplain      y\n",
    );
    assert.equal(
      (await renderTable(["A", "B"], rows, PIPE)).split("\n")[1],
      "中文名称                x",
    );
    const long = [["中".repeat(12), "x"]];
    assert.equal(
      (await renderTable(["A", "B"], long, { ...TERMINAL, width: 20 })).split("\n")[1],
      "中中中中…中中中中  x",
    );
  });

  it("goes without the columns that matter least where cutting is not enough", async () => {
    const heading = ["ID", "IMAGE", "ATTEMPT", "NAME"];
    const rows = [["0123456789abc", "busybox", "0", "web"]];
    const at = async (width: number, isWhole = false) => {
      const style = { ...TERMINAL, width, isWhole, dispensable: ["ATTEMPT", "IMAGE"] };
      return (await renderTable(heading, rows, style)).split("\n")[1];
    };
    assert.equal(await at(37), "0123456789abc  busybox  0        web");
    assert.equal(await at(34), "0123456789abc  busybox  web");
    assert.equal(await at(20), "0123456789abc  web");
    assert.equal(await at(20, true), "0123456789abc  busybox  0        web");
  });

  it("is its heading alone without rows", async () => {
    assert.equal(await renderTable(["A", "B"], [], TERMINAL), "A   B\n");
  });

  it("look the same on a terminal however long they are", async () => {
    const row = ["4f".repeat(20), { text: "Running", tone: "good" as const }, "", "name of it"];
    for (const width of [40, 80]) {
      const style = { ...TERMINAL, width, color: true };
      const render = async (rows: number) =>
        await renderTable(["ID", "STATE", "X", "NAME"], Array(rows).fill(row), style);
      const short = await render(2);
      const long = await render(1000);
      assert.equal(long.slice(0, short.length), short);
      assert.equal(long.split("\n").length, 1002);
    }
  });

  it("shows control characters of a container's names, and no line more", async () => {
    const text = await renderTable(["A"], [["evil\u001b[2J\nname"]], TERMINAL);
    assert.equal(text, "A\nevil\\x1b[2J\\nname\n");
  });

  it("has colours only where they are wanted, and aligns by what is seen", async () => {
    const rows = [[{ text: "Running", tone: "good" as const }, "x"]];
    const text = await renderTable(["STATE", "B"], rows, { ...TERMINAL, color: true });
    assert.ok(text.includes("\u001b[32mRunning\u001b[39m   x"));
    assert.ok(!(await renderTable(["STATE", "B"], rows, TERMINAL)).includes("\u001b"));
  });
});

describe("units", () => {
  it("are SI with three or four significant digits", () => {
    const cases: readonly (readonly [number | bigint, string])[] = [
      [0, "0B"],
      [999, "999B"],
      [999.6, "1kB"],
      [750_000, "750kB"],
      [999_999, "1MB"],
      [190_812_345n, "191MB"],
      [1_500_000_000, "1.5GB"],
    ];
    for (const [bytes, text] of cases) assert.equal(formatSize(bytes), text);
    assert.equal(formatSize(12_345_678, 4), "12.35MB");
  });

  it("of time are words", () => {
    const cases: readonly (readonly [number, string])[] = [
      [0.2, "Less than a second"],
      [1, "1 second"],
      [59, "59 seconds"],
      [60, "About a minute"],
      [150, "2 minutes"],
      [3600, "About an hour"],
      [3 * 3600, "3 hours"],
      [3 * 86_400, "3 days"],
      [21 * 86_400, "3 weeks"],
      [90 * 86_400, "3 months"],
      [3 * 366 * 86_400, "3 years"],
    ];
    for (const [seconds, text] of cases) assert.equal(formatDuration(seconds * 1000), text);
    assert.equal(formatAge(1_000_000_000n, 4000), "3 seconds ago");
  });

  it("of moments keep nanoseconds, and zero is Go's", () => {
    assert.equal(formatTime(0n), "0001-01-01T00:00:00Z");
    const text = formatTime(1_795_438_452_568_269_982n);
    assert.match(text, /^2026-11-2\dT.*\.568269982(Z|[+-]\d\d:\d\d)$/);
    assert.equal(new Date(text).getTime(), 1_795_438_452_568);
  });

  it("of IDs are thirteen digits; names stay whole", () => {
    assert.equal(shortId(`sha256:${"a".repeat(64)}`), "a".repeat(13));
    assert.equal(shortId("busybox:1.36"), "busybox:1.36");
  });
});

describe("documents", () => {
  it("keep integers that a double cannot hold", async () => {
    const value = parseJsonExactly('{"a":18446744073709551615,"b":1,"c":"9007199254740993"}');
    assert.equal(
      renderJson(value),
      '{\n  "a": 18446744073709551615,\n  "b": 1,\n  "c": "9007199254740993"\n}\n',
    );
    assert.match(await renderYaml(value), /^a: 18446744073709551615$/m);
  });

  it("escape in JSON what a terminal would obey", () => {
    assert.equal(renderJson("a\u009b\u202e\u001bé"), '"a\\u009b\\u202e\\u001bé"\n');
  });

  it("have their keys sorted in YAML", async () => {
    assert.equal(await renderYaml({ b: 1, a: [{ d: 1, c: 2 }] }), "a:\n  - c: 2\n    d: 1\nb: 1\n");
  });

  it("as blocks leave out empty maps and end each with an empty line", () => {
    const text = renderVerbose([
      [
        ["ID", "x"],
        ["Labels", { b: "2", a: "1" }],
        ["Annotations", {}],
      ],
    ]);
    assert.equal(text, "ID: x\nLabels:\n\ta -> 1\n\tb -> 2\n\n");
    assert.equal(renderVerbose([]), "");
  });

  it("spell out what would move the cursor or turn the direction of text", () => {
    assert.equal(escapeControl("a\u0007\u009b\u202eb\té"), "a\\x07\\x9b\\u202eb\\té");
  });
});
