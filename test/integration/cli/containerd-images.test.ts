import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { busyboxImage } from "../../support/busybox-image.ts";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { type ContainerdCliTarget, containerdCli } from "../../support/cli-target.ts";
import { dockerArchive, ociArchive } from "../../support/image-archive.ts";
import { startRegistry } from "../../support/registry.ts";

describe("image verbs of the command line on containerd", () => {
  const cleanup = cleanupAfter();
  let target: ContainerdCliTarget;
  before(async () => {
    target = await containerdCli(cleanup);
  });
  const file = (name: string) => join(target.directory, name);

  it("an image that was loaded runs at once, and comes and goes by its names", async () => {
    await writeFile(file("app.tar"), ociArchive(busyboxImage(), "team/app:1"));
    assert.equal(await target.out(["load", file("app.tar")]), "Loaded image: docker.io/team/app:1");
    assert.equal(await target.out(["run", "--rm", "team/app:1", "echo", "it runs"]), "it runs");
    await target.out(["tag", "team/app:1", "a:1"]);
    await target.out(["save", "-o", file("saved.tar"), "a:1"]);
    assert.equal(await target.out(["untag", "a:1"]), "Untagged: docker.io/library/a:1");
    assert.equal(await target.out(["rmi", "team/app:1", "-y"]), "Deleted: docker.io/team/app:1");
    assert.equal(
      await target.out(["load", "-i", file("saved.tar")]),
      "Loaded image: docker.io/library/a:1",
    );
    assert.match(await target.out(["history", "-q", "a:1"]), /^sha256:[0-9a-f]{64}$/m);
    const usage = await target.out(["images", "--columns", "image,unique,shared,content"]);
    assert.match(usage, /library\/a +0B +[\d.]+MB +[\d.]+MB|library\/a +[\d.]+MB +0B +[\d.]+MB/);
  });

  it("an image is pushed to where another containerd can pull it from", async () => {
    const registry = await startRegistry(cleanup);
    const pushed = await target.out(["push", target.image, `${registry.host}/app:1`]);
    assert.match(pushed, /^Pushed: 127\.0\.0\.1:\d+\/app:1@sha256:[0-9a-f]{64}$/);
    await target.out(["pull", `${registry.host}/app:1`]);
  });

  it("an image is pushed as ctr pushes it, with plain layers as they were loaded", async () => {
    const registry = await startRegistry(cleanup);
    await writeFile(file("plain.tar"), dockerArchive(busyboxImage(), ["plain:1"]));
    await target.out(["load", file("plain.tar")]);
    await target.out(["push", "plain:1", `${registry.host}/ours:1`]);
    const name = "docker.io/library/plain:1";
    await target.containerd.ctr(
      "images",
      "push",
      "--plain-http",
      `${registry.host}/theirs:1`,
      name,
    );
    const [ours, theirs] = await Promise.all(
      ["ours", "theirs"].map(async (repository) => {
        const url = `http://${registry.host}/v2/${repository}/manifests/1`;
        const accept = [
          "application/vnd.oci.image.manifest.v1+json",
          "application/vnd.docker.distribution.manifest.v2+json",
        ].join(",");
        return await (await fetch(url, { headers: { accept } })).text();
      }),
    );
    assert.equal(ours, theirs);
    assert.match(ours ?? "", /"application\/vnd\.(oci|docker)\.image\.[^"]*\.tar"/);
  });
});
