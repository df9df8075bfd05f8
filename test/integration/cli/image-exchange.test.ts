import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { type EmbeddedCliTarget, embeddedCli } from "../../support/cli-target.ts";
import { startContainerd } from "../../support/containerd.ts";
import { crishCommand } from "../../support/crish.ts";
import { createEmbeddedRoot } from "../../support/embedded-root.ts";
import { run, runOk } from "../../support/run.ts";
import { startUploadRegistry } from "../../support/upload-registry.ts";
import { waitUntil } from "../../support/wait-until.ts";

describe("images that come and go, on the command line", () => {
  const cleanup = cleanupAfter();
  let target: EmbeddedCliTarget;
  before(async () => {
    target = await embeddedCli(cleanup);
  });
  const file = (name: string) => join(target.directory, name);

  it("a saved archive goes into containerd and back, under its names", async () => {
    const containerd = await startContainerd(cleanup);
    const { image } = target;
    await target.out(["tag", image, "team/app:1"]);
    await target.out(["save", "-o", file("app.tar"), image, "team/app:1"]);
    await containerd.importImage(file("app.tar"));
    const checked = await containerd.ctr("images", "check");
    for (const name of [image, "docker.io/team/app:1"]) {
      assert.match(checked, new RegExp(`^${name} .* complete `, "m"));
    }
    await containerd.ctr("images", "export", file("back.tar"), image);
    const other = await createEmbeddedRoot(cleanup);
    const loaded = await target.out(["load", file("back.tar")], { env: other.env });
    assert.equal(loaded, `Loaded image: ${image}`);
    const id = (env: object) => target.out(["images", "-q", image], { env: { ...env } });
    assert.equal(await id(other.env), await id(target.env));
  });

  it("an archive flows through a pipe, and a reader that goes away is no failure", async () => {
    const { stdout, status } = await run("sh", [
      "-c",
      `env ${environment()} ${crishLine()} save ${target.image} | tar -tf - | tail -1`,
    ]);
    assert.deepEqual([status, stdout], [0, "oci-layout\n"]);
    const cut = await run("bash", [
      "-c",
      `env ${environment()} ${crishLine()} save ${target.image} | head -c 100000 | wc -c; echo $PIPESTATUS`,
    ]);
    assert.deepEqual([cut.stdout, cut.stderr], ["100000\n0\n", ""]);
  });

  it("a full disk is told in one line, and nothing is left on it", async () => {
    const disk = file("disk");
    await mkdir(disk);
    await runOk("mount", ["-t", "tmpfs", "-o", "size=300k", "tmpfs", disk]);
    cleanup.add("unmount the small disk", () => run("umount", [disk]).then(() => {}));
    const path = join(disk, "app.tar");
    const { status, stderr } = await target.crish(["save", "-o", path, target.image]);
    assert.equal(status, 1);
    assert.equal(stderr, `crish: cannot write "${path}": no space left on the device\n`);
    assert.deepEqual(await readdir(disk), []);
  });

  it("Ctrl-C ends a push at once, and leaves nothing under way", async () => {
    const registry = await startUploadRegistry(cleanup);
    registry.intercept = (request) => request.method === "PUT" || request.method === "PATCH";
    const child = target.spawn(["push", target.image, `${registry.host}/app:1`]);
    await waitUntil("the upload has begun", async () =>
      registry.requests.some(({ line }) => /^P(UT|ATCH) /.test(line)),
    );
    child.kill("SIGINT");
    assert.deepEqual(await once(child, "exit"), [130, null]);
    registry.reset();
    const pushed = await target.out(["push", target.image, `${registry.host}/app:1`]);
    assert.match(pushed, /^Pushed: 127\.0\.0\.1:\d+\/app:1@sha256:[0-9a-f]{64}$/);
  });

  it("a registry that nobody answers at, and one that refuses, are told as such", async () => {
    const registry = await startUploadRegistry(cleanup);
    registry.intercept = (_request, response) => {
      response.writeHead(401, { "www-authenticate": 'Basic realm="x"' }).end();
      return true;
    };
    const refused = await target.crish(["push", target.image, `${registry.host}/app:1`]);
    assert.equal(refused.status, 1);
    assert.match(refused.stderr, /status 401.*\nhint: pushing needs credentials/);
    const creds = ["--creds", "anna:wrong"];
    const wrong = await target.crish(["push", ...creds, target.image, `${registry.host}/app:1`]);
    assert.match(wrong.stderr, /status 401.*\nhint: the credentials that were sent are wrong/);
    const nobody = await target.crish(["push", target.image, "127.0.0.1:1/app:1"]);
    assert.equal(nobody.status, 3);
    assert.equal(nobody.stderr.split("\n").length, 2);
  });

  it("names come and go one by one", async () => {
    await target.out(["tag", target.image, "a:1", "a:2"]);
    assert.equal(await target.out(["untag", "a:1"]), "Untagged: docker.io/library/a:1");
    assert.equal(await target.out(["rmi", "a:2"]), "Deleted: docker.io/library/a:2");
    assert.ok((await target.out(["images", target.image])).includes("busybox"));
    const layers = await target.out(["history", "-q", target.image]);
    assert.match(layers, /^sha256:[0-9a-f]{64}$/m);
    const usage = await target.out(["images", "--columns", "image,unique,shared,content"]);
    assert.match(usage, /busybox +[\d.]+MB +0B +[\d.]+MB/);
    assert.ok((await readFile(file("app.tar"))).length > 0);
  });

  function crishLine(): string {
    const { command, args } = crishCommand();
    return [command, ...args].join(" ");
  }

  function environment(): string {
    return Object.entries(target.env)
      .map(([name, value]) => `${name}=${value}`)
      .join(" ");
  }
});
