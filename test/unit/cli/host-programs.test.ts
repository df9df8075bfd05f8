import assert from "node:assert/strict";
import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { hostPrograms } from "../../../src/cli/complete/host-programs.ts";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";

describe("programs of this host", () => {
  const cleanup = cleanupAfter();

  it("are what can be run on the PATH, each name once, and none without a beginning", async () => {
    const directory = await temporaryDirectory(cleanup, "path");
    const [one, two] = [join(directory, "one"), join(directory, "two")];
    for (const each of [one, two]) {
      await mkdir(join(each, "pa-directory"), { recursive: true });
      await writeFile(join(each, "pa-both"), "");
      await chmod(join(each, "pa-both"), 0o755);
    }
    await writeFile(join(two, "pa-text"), "");
    await symlink("pa-both", join(two, "pa-link"));
    await symlink("nowhere", join(two, "pa-broken"));
    const path = `${one}:/nowhere:relative:${two}`;
    const names = async (prefix: string) =>
      (await hostPrograms(prefix, path)).map(({ text }) => text);
    assert.deepEqual(await names("pa"), ["pa-both", "pa-link"]);
    assert.deepEqual(await names(""), []);
    assert.deepEqual(await hostPrograms("pa", undefined), []);
  });
});
