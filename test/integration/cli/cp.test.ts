import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import type { Cleanup } from "../../support/cleanup.ts";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { type CliTarget, containerdCli, embeddedCli } from "../../support/cli-target.ts";

/** Files in and out, both through /proc and through the container's tar. */
function describeCopying(
  name: CliTarget["name"],
  open: (cleanup: Cleanup) => Promise<CliTarget>,
): void {
  describe(`cp on ${name}`, () => {
    const cleanup = cleanupAfter();
    let target: CliTarget;
    let tree: string;
    let volume: string;

    before(async () => {
      target = await open(cleanup);
      volume = join(target.directory, "volume");
      await mkdir(join(volume, "sub"), { recursive: true });
      await writeFile(join(volume, "sub", "v"), "of the volume");
      const volumes = ["-v", `${volume}:/srv/vol`, "-v", `${volume}/sub:/srv/fixed:ro`];
      await target.runDetached("web", ["sleep", "1000"], volumes);
      tree = join(target.directory, "tree");
      await mkdir(join(tree, "sub"), { recursive: true, mode: 0o750 });
      await writeFile(join(tree, "file"), "x".repeat(1_000_000), { mode: 0o640 });
      await writeFile(join(tree, "sub", "deep"), "deep");
      await symlink("/etc/passwd", join(tree, "away"));
    });

    const sh = (script: string) => target.out(["exec", "web", "sh", "-c", script]);

    for (const via of ["proc", "tar"]) {
      const cp = (...words: string[]) => target.crish(["cp", "--via", via, ...words]);

      it(`copies a directory in and out again, through ${via}`, async () => {
        await sh("rm -rf /data; mkdir /data");
        assert.equal((await cp(tree, "web:/data")).status, 0);
        assert.equal(await sh("stat -c '%a %u %s' /data/tree/file"), "640 0 1000000");
        assert.equal(await sh("readlink /data/tree/away"), "/etc/passwd");
        const out = join(target.directory, `out-${via}`);
        assert.equal((await cp("web:/data/tree", out)).status, 0);
        const file = await readFile(join(out, "file"), "utf8");
        assert.equal(file, await readFile(join(tree, "file"), "utf8"));
        assert.equal(await readFile(join(out, "sub/deep"), "utf8"), "deep");
        assert.equal(await readlink(join(out, "away")), "/etc/passwd");
        assert.equal((await stat(join(out, "sub"))).mode & 0o777, 0o750);
      });

      it(`knows files, content and names as docker cp does, through ${via}`, async () => {
        await sh("rm -rf /data; mkdir /data; echo old > /data/f; chmod 600 /data/f");
        assert.equal((await cp(join(tree, "sub/deep"), "web:/data/f")).status, 0);
        assert.equal(await sh("cat /data/f"), "deep");
        assert.equal((await cp(`${tree}/.`, "web:data")).status, 0);
        assert.equal(await sh("ls /data"), "away\nf\nfile\nsub");
        assert.equal((await cp(tree, "web:/data/f")).status, 1);
        assert.equal((await cp(join(tree, "file"), "web:/nope/")).status, 4);
        assert.equal((await cp("web:/nope", target.directory)).status, 4);
        assert.equal((await cp("web:/data/f", join(target.directory, "nope/x"))).status, 4);
        assert.equal((await cp(join(tree, "nope"), "web:/data")).status, 4);
        await rm(join(target.directory, "f"), { force: true });
        assert.equal((await cp("web:/data/f", target.directory)).status, 0);
        assert.equal(await readFile(join(target.directory, "f"), "utf8"), "deep");
      });

      it(`writes and reads archives, through ${via}`, async () => {
        await sh("rm -rf /data; mkdir /data");
        const archive = execFileSync("tar", ["-C", tree, "-c", "sub"]);
        const into = await target.crish(["cp", "--via", via, "-", "web:/data"], { input: archive });
        assert.equal(into.status, 0);
        assert.equal(await sh("cat /data/sub/deep"), "deep");
        const back = target.spawn(["cp", "--via", via, "web:/data/sub", "-"]);
        const chunks: Buffer[] = [];
        back.stdout?.on("data", (chunk) => chunks.push(chunk));
        await new Promise((resolve) => back.once("close", resolve));
        const list = execFileSync("tar", ["-t"], { input: Buffer.concat(chunks) }).toString();
        assert.match(list, /^(\.\/)?sub\/\n(\.\/)?sub\/deep\n$/);
      });

      it(`follows a link of the container into a volume, through ${via}`, async () => {
        await sh("rm -rf /data; mkdir /data; ln -s ../srv/vol /data/link");
        const out = join(target.directory, `volume-${via}`);
        await target.out(["cp", "--via", via, "web:/data/link/sub/v", out]);
        assert.equal(await readFile(out, "utf8"), "of the volume");
        await target.out(["cp", "--via", via, join(tree, "sub/deep"), `web:/data/link/${via}`]);
        assert.equal(await readFile(join(volume, via), "utf8"), "deep");
      });
    }

    it("follows links of the container inside the container, and none of it out of there", async () => {
      const trap = join(target.directory, "trap");
      await mkdir(trap);
      await sh(
        `rm -rf /data; mkdir -p /data ${trap}; ln -s ${trap} /data/link; ln -s / /data/root`,
      );
      const source = join(tree, "sub/deep");
      await target.out(["cp", source, "web:/data/link"]);
      await target.out(["cp", source, `web:/data/root/../../..${trap}/second`]);
      assert.deepEqual(await readdir(trap), []);
      assert.equal(await sh(`ls ${trap}`), "deep\nsecond");
      await sh("ln -sf /etc/hostname /data/name");
      await target.out(["cp", "-L", "web:/data/name", join(target.directory, "name")]);
      assert.equal(
        await readFile(join(target.directory, "name"), "utf8"),
        `${await sh("cat /etc/hostname")}\n`,
      );
    });

    it("replaces the content of a file that is mounted", async () => {
      const hosts = join(target.directory, "hosts");
      await target.out(["cp", "web:/etc/hosts", hosts]);
      await writeFile(hosts, `${await readFile(hosts, "utf8")}10.9.8.7 other\n`);
      await target.out(["cp", hosts, "web:/etc/hosts"]);
      assert.match(await sh("cat /etc/hosts"), /10\.9\.8\.7 other$/);
      assert.match(await sh("cat /proc/self/mountinfo"), / \/etc\/hosts /);
    });

    it("refuses what it cannot do, with what to do", async () => {
      for (const [words, status, message] of [
        [["a", "b"], 2, /neither place is in a container/],
        [["web:/a", "web:/b"], 2, /does not copy between containers/],
        [["nope:/a", "b"], 4, /container "nope" not found/],
      ] as const) {
        const result = await target.crish(["cp", ...words]);
        assert.equal(result.status, status);
        assert.match(result.stderr, message);
      }
    });

    it("tells devices and pipes that it leaves out by their names", async () => {
      await sh("mkdir -p /odd; echo x > /odd/f; mknod /odd/null c 1 3; mkfifo /odd/pipe");
      const out = join(target.directory, "odd");
      const result = await target.crish(["cp", "--via", "proc", "web:/odd", out]);
      assert.equal(result.status, 0);
      assert.match(result.stderr, /^left out: odd\/null is no file or directory$/m);
      assert.match(result.stderr, /^left out: odd\/pipe is no file or directory$/m);
      assert.deepEqual(await readdir(out), ["f"]);
    });

    it("fails where the source itself is a device, both ways", async () => {
      const out = join(target.directory, "null");
      for (const via of ["proc", "tar"]) {
        const taken = await target.crish(["cp", "--via", via, "web:/dev/null", out]);
        assert.deepEqual(
          [taken.status, taken.stderr],
          [1, 'crish: "web:/dev/null" is no file or directory\n'],
        );
        const given = await target.crish(["cp", "--via", via, "/dev/null", "web:/null-of-host"]);
        assert.deepEqual(
          [given.status, given.stderr],
          [1, 'crish: "/dev/null" is no file or directory\n'],
        );
      }
      assert.equal((await target.crish(["exec", "web", "test", "-e", "/null-of-host"])).status, 1);
    });

    it("takes all of a file of the kernel's, which has no size", async () => {
      const out = join(target.directory, "version");
      const result = await target.crish(["cp", "--via", "proc", "web:/proc/version", out]);
      assert.deepEqual([result.status, result.stderr], [0, ""]);
      assert.equal(await readFile(out, "utf8"), await readFile("/proc/version", "utf8"));
    });

    it("reaches a stopped container where its root file system stays mounted", async () => {
      await sh("mkdir -p /kept/sub; echo kept > /kept/f; ln /kept/f /kept/sub/g");
      await sh("ln -s /srv/vol/sub /kept/link; ln -s / /srv/vol/out; ln -s /proc /kept/proc");
      await target.out(["stop", "-t", "0", "web"]);
      const through = await target.crish(["cp", "--via", "tar", "web:/kept", "."]);
      assert.equal(through.status, 1);
      assert.match(through.stderr, /container "web" is not running\nhint: its tar/);
      const out = join(target.directory, "kept");
      const result = await target.crish(["cp", "web:/kept", out]);
      if (name === "containerd") {
        assert.equal(result.status, 1);
        assert.match(
          result.stderr,
          /container "web" is not running, and its root file system is not mounted\nhint: the runtime/,
        );
        return;
      }
      assert.equal(result.status, 0, result.stderr);
      assert.equal(await readFile(join(out, "sub/g"), "utf8"), "kept\n");
      await target.out(["cp", join(tree, "sub/deep"), "web:/kept/f"]);
      assert.equal(
        await target.out(["cp", "web:/kept/f", "-"]).then((tar) => /deep/.test(tar)),
        true,
      );
      const proc = await target.crish(["cp", "web:/tmp/../proc/1/status", out]);
      assert.equal(proc.status, 1);
      assert.match(proc.stderr, /"\/proc" is mounted into container "web" only while it runs$/m);
    });

    if (name === "containerd") return;

    it("finds what is mounted into a stopped container where the container saw it", async () => {
      const out = join(target.directory, "mounted");
      await target.out(["cp", "web:/kept/link/v", out]);
      assert.equal(await readFile(out, "utf8"), "of the volume");
      await target.out(["cp", join(tree, "sub/deep"), "web:/kept/link/new"]);
      assert.equal(await readFile(join(volume, "sub/new"), "utf8"), "deep");
      await target.out(["cp", "web:/srv", `${out}-srv`]);
      assert.equal(await readFile(`${out}-srv/vol/sub/v`, "utf8"), "of the volume");
      assert.deepEqual((await readdir(`${out}-srv/fixed`)).sort(), ["new", "v"]);
      // A link of the volume leads to the container's root, and `..` out of the volume to /srv.
      await target.out(["cp", join(tree, "sub/deep"), "web:/srv/vol/out/kept/through"]);
      await target.out(["cp", join(tree, "sub/deep"), "web:/kept/link/../../beside"]);
      const list = await target.crish(["cp", "web:/kept", `${out}-kept`]);
      assert.equal(list.status, 0);
      assert.equal(await readFile(`${out}-kept/through`, "utf8"), "deep");
      await target.out(["cp", "web:/srv/beside", `${out}-beside`]);
    });

    it("keeps what is mounted as it is mounted", async () => {
      const fixed = await target.crish(["cp", join(tree, "sub/deep"), "web:/srv/fixed/no"]);
      assert.equal(fixed.status, 1);
      assert.match(
        fixed.stderr,
        /cannot write "web:\/srv\/fixed\/no": the file system is read-only/,
      );
      assert.deepEqual((await readdir(join(volume, "sub"))).sort(), ["new", "v"]);
      const hosts = join(target.directory, "hosts-of-stopped");
      await target.out(["cp", "web:/etc/hosts", hosts]);
      assert.match(await readFile(hosts, "utf8"), /10\.9\.8\.7 other\n$/);
      await writeFile(hosts, "127.0.0.1 localhost\n");
      await target.out(["cp", hosts, "web:/etc/hosts"]);
      await target.out(["cp", "web:/etc/hosts", `${hosts}-again`]);
      assert.equal(await readFile(`${hosts}-again`, "utf8"), "127.0.0.1 localhost\n");
      for (const path of ["/kept/proc/", "/kept/proc/1", "/proc", "/dev/null"]) {
        const gone = await target.crish(["cp", `web:${path}`, `${hosts}-gone`]);
        assert.equal(gone.status, 1);
        assert.match(gone.stderr, /"\/(proc|dev)" is mounted into container "web" only while/);
      }
      const whole = await target.crish(["cp", "web:/", `${hosts}-whole`]);
      assert.equal(whole.status, 0, whole.stderr);
    });

    it("refuses a volume that is a link on the node by now", async () => {
      await rename(volume, `${volume}-moved`);
      await symlink("/etc", volume);
      const result = await target.crish(["cp", "web:/srv/vol/passwd", `${volume}-out`]);
      assert.equal(result.status, 1);
      assert.match(
        result.stderr,
        /"\/srv\/vol" is mounted .*\nhint: on the node it was "\/.*volume"/,
      );
    });
  });
}

describeCopying("embedded", embeddedCli);
describeCopying("containerd", containerdCli);
