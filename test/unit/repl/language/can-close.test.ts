import assert from "node:assert/strict";
import { it } from "node:test";
import { canClose } from "../../../../src/repl/language/can-close.ts";
import { parseProgram } from "../../../../src/repl/language/parse-program.ts";

const TEXTS = [
  "echo 'a\nb\nit'",
  'echo "a\nb $x\n\n$(ps\n-q)"',
  "echo $(ps\n\n-q\n) b",
  `echo $\{x:-\n}`,
  "ps | while read x\ndo\necho $x\ndone",
  "ps | if true; then\ncat\nfi",
  "ps | case a in\na) cat;;\nesac",
  "ps | (cat\ntrue)",
  "ps | { cat\n}",
  "ps | sh -c 'a\nb'",
  'ps | sh -c "a\n`b\n`"',
  "ps |\n\ncat",
  "ps &&\n\nps",
  "echo a\\\nb",
];

it("never denies a line that ends an input of several", () => {
  for (const text of TEXTS) {
    const lines = text.split("\n");
    for (const [index, line] of lines.entries()) {
      const before = parseProgram(lines.slice(0, index).join("\n"));
      const now = parseProgram(lines.slice(0, index + 1).join("\n"));
      if (before.kind !== "incomplete") continue;
      if (!canClose(before.open, line)) assert.equal(now.kind, "incomplete", `${text}: ${line}`);
    }
    assert.equal(parseProgram(text).kind, "program", text);
  }
});
