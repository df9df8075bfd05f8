import assert from "node:assert/strict";
import { readdir, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { openDiskReserve } from "../../../src/runtime/state/disk-reserve.ts";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";

describe("the space that is kept for the database", () => {
  const cleanup = cleanupAfter();

  it("is filled once, made whole again, and given back", async () => {
    const directory = await temporaryDirectory(cleanup, "reserve");
    const reserve = openDiskReserve(join(directory, "crish.db"));
    const kept = join(directory, "crish.db-reserve");
    assert.equal(reserve.release(), false);
    reserve.fill();
    const { size, blocks, mode } = await stat(kept);
    assert.ok(blocks * 512 >= size && size > 4_000_000, `${size} bytes in ${blocks} blocks`);
    assert.equal(mode & 0o777, 0o600);
    reserve.fill();
    assert.equal((await stat(kept)).size, size);
    await truncate(kept, 1000);
    reserve.fill();
    assert.equal((await stat(kept)).size, size);
    assert.equal(reserve.release(), true);
    assert.deepEqual(await readdir(directory), []);
  });

  it("is missing without an error where it cannot be made", async () => {
    const reserve = openDiskReserve("/nonexistent/crish.db");
    reserve.fill();
    assert.equal(reserve.release(), false);
  });
});
