import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { cleanupAfter } from "../support/cleanup-after.ts";
import { crishCommand, crishEnvironment } from "../support/crish.ts";
import { run } from "../support/run.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

/** Each costs half a hundredth of a start. */
const MAX_CHUNKS = 11;

describe("the executable's start", () => {
  const cleanup = cleanupAfter();

  it("loads a ps, up to its connection, in a few chunks", async () => {
    const order = join(await temporaryDirectory(cleanup, "start"), "order");
    const { command, args } = crishCommand();
    const env = crishEnvironment({ BUN_BYTECODE_ORDER_OUT: order });
    // A socket as stderr, as tests have it, would load the modules of streams.
    const line = ["-c", '"$@" 2>/dev/null', "sh", command, ...args];
    const { status } = await run("sh", [...line, "-r", "unix:///nonexistent", "ps"], { env });
    assert.equal(status, 3);
    // Bun's record of what the process used: a module is a line with an M.
    const used = (await readFile(order, "utf8")).split("\n");
    const chunks = used.filter((line) => line.startsWith("M ")).length;
    assert.ok(chunks > 3 && chunks <= MAX_CHUNKS, `${chunks} chunks`);
  });
});
