import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { cleanupAfter } from "../support/cleanup-after.ts";
import { crishCommand, crishEnvironment } from "../support/crish.ts";
import { createEmbeddedRoot } from "../support/embedded-root.ts";
import { run } from "../support/run.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

/** Each costs half a hundredth of a start. */
const MAX_CHUNKS = 11;

describe("the executable's start", () => {
  const cleanup = cleanupAfter();

  it("loads a ps, up to its connection, in a few chunks", async () => {
    const chunks = await chunksOf(3, ["-r", "unix:///nonexistent", "ps"]);
    assert.ok(chunks > 3 && chunks <= MAX_CHUNKS, `${chunks} chunks`);
  });

  it("loads a whole ps on the embedded runtime in as few", async () => {
    const { env } = await createEmbeddedRoot(cleanup);
    // As on a usual node: a configuration file takes the YAML library.
    const { CRISH_RUNTIME_CONFIG: _, ...places } = env;
    await chunksOf(0, ["-r", "embedded:", "ps"], places);
    const chunks = await chunksOf(0, ["-r", "embedded:", "ps"], places);
    assert.ok(chunks > 3 && chunks <= MAX_CHUNKS, `${chunks} chunks`);
  });

  async function chunksOf(wanted: number, words: string[], places: object = {}): Promise<number> {
    const order = join(await temporaryDirectory(cleanup, "start"), "order");
    const { command, args } = crishCommand();
    const env = crishEnvironment({ ...places, BUN_BYTECODE_ORDER_OUT: order });
    // A socket as stdout or stderr, as tests have it, would load the modules of streams.
    const line = ["-c", '"$@" >/dev/null 2>&1', "sh", command, ...args];
    const { status } = await run("sh", [...line, ...words], { env });
    assert.equal(status, wanted);
    // Bun's record of what the process used: a module is a line with an M.
    const used = (await readFile(order, "utf8")).split("\n");
    return used.filter((line) => line.startsWith("M ")).length;
  }
});
