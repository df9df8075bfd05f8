import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { cleanupAfter } from "../../../support/cleanup-after.ts";
import { runOk } from "../../../support/run.ts";
import { temporaryDirectory } from "../../../support/temporary-directory.ts";

const ROOT = join(import.meta.dirname, "../../../..");
const KERNEL = join(ROOT, "src/cli/logs/kernel");

describe("the log decoder's kernel", () => {
  const cleanup = cleanupAfter();

  it("is what its source makes", async () => {
    const output = join(await temporaryDirectory(cleanup, "kernel"), "made.ts");
    const source = join(KERNEL, "decode-entries.wat");
    await runOk(process.execPath, [join(ROOT, "scripts/generate-kernel.ts"), source, output]);
    const committed = await readFile(join(KERNEL, "decode-entries-wasm.ts"), "utf8");
    assert.equal(await readFile(output, "utf8"), committed);
  });
});
