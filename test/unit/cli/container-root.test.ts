import assert from "node:assert/strict";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { containerRoot, listInside } from "../../../src/cli/complete/container-root.ts";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";

describe("a container's root as this node sees it", () => {
  const cleanup = cleanupAfter();
  let root: string;
  before(async () => {
    const outside = await temporaryDirectory(cleanup, "outside");
    root = join(outside, "root");
    await mkdir(join(root, "etc/inner"), { recursive: true });
    await writeFile(join(root, "etc/passwd"), "");
    await writeFile(join(outside, "secret"), "");
    await symlink("/etc", join(root, "absolute"));
    await symlink("etc", join(root, "relative"));
    await symlink("../../../../..", join(root, "up"));
    await symlink("loop", join(root, "loop"));
    await symlink("/absolute/inner", join(root, "etc/chain"));
  });

  const names = async (path: string) =>
    (await listInside(root, path))
      ?.map(({ name, isDirectory }) => (isDirectory ? `${name}/` : name))
      .sort();

  it("is listed, with links to directories as directories", async () => {
    assert.deepEqual(await names("/"), ["absolute/", "etc/", "loop", "relative/", "up/"]);
    assert.deepEqual(await names("/etc"), ["chain/", "inner/", "passwd"]);
  });

  it("is never left through a link or ..", async () => {
    assert.deepEqual(await names("/absolute/"), ["chain/", "inner/", "passwd"]);
    assert.deepEqual(await names("/relative/chain/.."), ["chain/", "inner/", "passwd"]);
    assert.deepEqual(await names("/up"), await names("/"));
    assert.deepEqual(await names("/../../.."), await names("/"));
  });

  it("has nothing where there is no directory", async () => {
    for (const path of ["/nothing", "/etc/passwd", "/loop", "/loop/x"]) {
      assert.equal(await names(path), undefined, path);
    }
  });

  it("is not that of a process which is none of the container's", async () => {
    assert.equal(await containerRoot(process.pid, "0".repeat(64)), undefined);
    assert.equal(await containerRoot(2 ** 30, "0".repeat(64)), undefined);
  });
});
