import assert from "node:assert/strict";
import { readdir, rm, stat, truncate } from "node:fs/promises";
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
    const kept = ["crish.db-reserve", "crish.db-reserve2"].map((name) => join(directory, name));
    assert.equal(reserve.release(), false);
    reserve.fill();
    let bytes = 0;
    for (const path of kept) {
      const { size, blocks, mode } = await stat(path);
      assert.ok(blocks * 512 >= size, `${size} bytes in ${blocks} blocks`);
      assert.equal(mode & 0o777, 0o600);
      bytes += size;
    }
    assert.ok(bytes > 4_100_000, String(bytes));
    await truncate(join(directory, "crish.db-reserve"), 1000);
    await rm(join(directory, "crish.db-reserve2"));
    reserve.fill();
    reserve.fill();
    for (const path of kept) assert.equal((await stat(path)).size, bytes / 2);
    assert.equal(reserve.release(), true);
    assert.deepEqual(await readdir(directory), []);
  });

  it("is missing without an error where it cannot be made", async () => {
    const reserve = openDiskReserve("/nonexistent/crish.db");
    reserve.fill();
    assert.equal(reserve.release(), false);
  });
});
