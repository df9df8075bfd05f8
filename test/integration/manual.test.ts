import assert from "node:assert/strict";
import { globSync } from "node:fs";
import { basename, resolve } from "node:path";
import { describe, it } from "node:test";
import { run, runOk } from "../support/run.ts";

const pages = globSync(resolve(import.meta.dirname, "../../man/*.[1-8]")).sort();

/** What makes a letter bold or underlined. */
const OVERSTRIKE = new RegExp(`.${String.fromCharCode(8)}`, "g");

describe("the manual pages", () => {
  it("are there", () => assert.ok(pages.some((page) => basename(page) === "crish.1")));

  it("are clean for mandoc", async () => {
    const { status, stdout } = await run("mandoc", ["-Tlint", "-Wwarning", ...pages]);
    assert.deepEqual([status, stdout], [0, ""]);
  });

  for (const page of pages) {
    it(`${basename(page)} is shown without traces of its source`, async () => {
      const { stdout } = await runOk("mandoc", ["-Tutf8", "-Owidth=80", page]);
      const lines = stdout.replaceAll(OVERSTRIKE, "").split("\n");
      const odd = lines.filter((line) => /\\[a-z&(]|^\s*\.[A-Z][a-z]\b/.test(line));
      assert.deepEqual(odd, []);
      // Only an example may be longer than the terminal is wide.
      const long = lines.filter((line) => line.length > 80 && !/^ {11}\S/.test(line));
      assert.deepEqual(long, []);
      for (const title of ["NAME", "DESCRIPTION", "FILES", "EXAMPLES", "SEE ALSO"]) {
        assert.ok(lines.includes(title), title);
      }
    });
  }
});
