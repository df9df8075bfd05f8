import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdir, open, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { watchOutput } from "../support/child-output.ts";
import { cleanupAfter } from "../support/cleanup-after.ts";
import { embeddedCli } from "../support/cli-target.ts";
import { assertNothingLeaked } from "../support/embedded-root.ts";
import { runOk } from "../support/run.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { uniqueSuffix } from "../support/unique.ts";
import { unmountBelow } from "../support/unmount-below.ts";
import { waitUntil } from "../support/wait-until.ts";

describe("a full disk", () => {
  const cleanup = cleanupAfter();

  for (const [what, options, fill] of [
    ["bytes", "size=32m", fillBytes],
    ["inodes", "nr_inodes=4000", fillInodes],
  ] as const) {
    it(`without ${what} takes nothing new, and all that looks, stops and frees goes on`, async () => {
      const directory = await temporaryDirectory(cleanup, "full-disk");
      const disk = join(directory, "root");
      await mkdir(disk);
      await runOk("mount", ["-t", "tmpfs", "-o", options, "tmpfs", disk]);
      cleanup.add("unmount the disk", () => unmountBelow(disk));
      const target = await embeddedCli(cleanup, { directory });
      const { root, image } = target;
      const id = await target.runDetached("web", ["sleep", "1000"]);
      await target.out(["run", "--name", "done", image, "true"]);
      const filler = join(disk, "filler");
      await fill(filler);

      for (let round = 0; round < 3; round++) {
        assert.equal(await target.out(["ps", "-q", "--no-trunc"]), id);
        assert.equal(await target.out(["exec", "web", "echo", "alive"]), "alive");
        assert.equal(await target.out(["exec", "-s", "web", "echo", "alive"]), "alive");
        assert.match(await target.out(["inspect", "web"]), /CONTAINER_RUNNING/);
        await target.out(["save", "-o", join(directory, "saved.tar"), image]);
        await refused(["run", "-d", "--name", `more-${round}`, image, "sleep", "1000"]);
        await refused(["load", join(target.directory, "busybox.tar")]);
        // as a log would that has its container's output
        await fill(filler);
      }
      assert.equal((await target.out(["pods", "-q"])).split("\n").length, 2);
      await target.out(["stop", "-t", "0", "web"]);
      assert.equal(await target.out(["ps", "-q"]), "");
      await target.out(["rm", "web"]);
      await target.out(["rmp", "-f", "-a"]);
      await target.out(["prune", "-a", "--images", "-y"]);
      await assertNothingLeaked(root);
      assert.equal(await target.out(["images", "-q"]), "");

      await rm(filler, { recursive: true });
      await target.out(["load", join(target.directory, "busybox.tar")]);
      assert.match(await target.runDetached("again", ["sleep", "1000"]), /^[0-9a-f]{64}$/);

      async function refused(args: string[]): Promise<void> {
        const { status, stdout, stderr } = await target.crish(args);
        assert.equal(stdout, "");
        assert.equal(status, 1, stderr);
        assert.match(stderr, /no space left/);
        assert.ok(stderr.trimEnd().split("\n").length <= 2, stderr);
      }
    });
  }
});

describe("a disk that may only be read", () => {
  const cleanup = cleanupAfter();

  it("shows all that there is with one line of warning, takes no change, and what ran runs on", async () => {
    const target = await embeddedCli(cleanup);
    const { root } = target.root;
    const id = await target.runDetached("web", ["sh", "-c", "echo served; exec sleep 1000"]);
    const brief = await target.runDetached("brief", ["sleep", "1000"]);
    const log = () => target.out(["logs", "web"]);
    await waitUntil("the log is there", async () => (await log()) === "served");
    await runOk("mount", ["--bind", root, root]);
    cleanup.add("unmount", () => unmountBelow(root));
    await runOk("mount", ["-o", "remount,bind,ro", root]);

    assert.equal(await shown(["ps", "-q", "--no-trunc"]), `${brief}\n${id}`);
    assert.equal((await shown(["pods", "-q"])).split("\n").length, 2);
    assert.match(await shown(["images"]), /busybox/);
    assert.match(await shown(["inspect", "web"]), /CONTAINER_RUNNING/);
    assert.match(await shown(["inspectp", "web"]), /SANDBOX_READY/);
    assert.match(await shown(["inspecti", target.image]), /busybox/);
    assert.match(await shown(["history", target.image]), /\S/);
    assert.equal(await shown(["logs", "web"]), "served");
    for (const verb of ["stats", "statsp", "tree", "info"]) {
      assert.match(await shown([verb]), /web|embedded/, verb);
    }
    for (const args of [
      ["stop", "web"],
      ["rm", "-f", "web"],
      ["rmp", "-f", "-a"],
      ["run", "-d", "--name", "more", target.image, "sleep", "1000"],
      ["load", join(target.directory, "busybox.tar")],
      ["tag", target.image, "localhost/other:1"],
      ["rmi", target.image],
    ]) {
      const { status, stdout, stderr } = await target.crish(args);
      assert.equal(status, 1, stderr);
      assert.equal(stdout, "");
      const told =
        /^warning: .*\n(crish: .*crish\.db" is on a read-only file system.*\nhint: .*remount.*\n)+$/;
      assert.match(stderr, told, args.join(" "));
    }

    // What writes nothing beside the database works: it is what one wants in such a night.
    assert.equal(await shown(["exec", "web", "echo", "inside"]), "inside");
    assert.equal(await shown(["exec", "-s", "web", "echo", "inside"]), "inside");
    assert.equal(await shown(["exec", "-i", "web", "cat"], "through"), "through");
    assert.equal((await target.crish(["exec", "web", "sh", "-c", "exit 42"])).status, 42);
    const archive = join(target.directory, "saved.tar");
    await shown(["save", "-o", archive, target.image]);
    assert.match((await runOk("tar", ["-tf", archive])).stdout, /index\.json/);
    const child = target.spawn(["port-forward", "web", ":81"]);
    await watchOutput(child).waitFor(/Forwarding from/);
    child.kill("SIGINT");
    await once(child, "exit");
    assert.deepEqual(
      (await readdir(join(target.root.state, "containers", id))).filter((name) =>
        name.startsWith("process-"),
      ),
      [],
    );

    // What ends meanwhile is told as ended, though nothing can be written of it.
    const { pid } = JSON.parse(await shown(["inspect", "brief"])).info;
    process.kill(pid, "SIGKILL");
    await waitUntil(
      "its end is told",
      async () => (await shown(["ps", "-q", "--no-trunc"])) === id,
    );
    const ended = JSON.parse(await shown(["inspect", brief])).status;
    // The shim, which cannot write beside the container, ends without having told the status.
    assert.deepEqual([ended.state, ended.exitCode], ["CONTAINER_EXITED", 255], ended.message);

    await runOk("mount", ["-o", "remount,bind,rw", root]);
    assert.equal(await target.out(["ps", "-q", "--no-trunc"]), id);
    await target.out(["rmp", "-f", "-a"]);

    async function shown(args: string[], input?: string): Promise<string> {
      const { status, stdout, stderr } = await target.crish(
        args,
        input === undefined ? {} : { input },
      );
      assert.equal(status, 0, stderr);
      assert.match(stderr, /^warning: ".*crish\.db" is on a read-only file system: .*\n$/);
      return stdout.trimEnd();
    }
  });
});

/** Appends until the disk takes not one byte more. */
async function fillBytes(path: string): Promise<void> {
  const file = await open(path, "a");
  try {
    for (;;) await file.write(new Uint8Array(4096));
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, "ENOSPC");
  } finally {
    await file.close();
  }
}

/** Makes files until the disk takes no more. */
async function fillInodes(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
    for (;;) await writeFile(join(path, uniqueSuffix()), "");
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, "ENOSPC");
  }
}
