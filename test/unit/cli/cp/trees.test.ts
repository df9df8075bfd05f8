import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { extractStream } from "../../../../src/cli/cp/extract-stream.ts";
import { packTree } from "../../../../src/cli/cp/pack-tree.ts";
import { resolveInside } from "../../../../src/cli/cp/resolve-inside.ts";
import { DirectoryHandle } from "../../../../src/host/directory-handle.ts";
import { type TarEntry, tarArchive } from "../../../support/tar-archive.ts";

describe("trees that are copied", () => {
  let place: string;
  let root: string;

  beforeEach(() => {
    place = mkdtempSync(join(tmpdir(), "crish-cp-"));
    root = join(place, "root");
    mkdirSync(root);
    writeFileSync(join(place, "outside"), "untouched");
  });

  afterEach(() => {
    assert.equal(readFileSync(join(place, "outside"), "utf8"), "untouched");
    rmSync(place, { recursive: true });
  });

  async function extract(
    archive: Buffer | readonly TarEntry[],
    options: { keeps?: boolean; pieceBytes?: number } = {},
  ) {
    const { pieceBytes = 700 } = options;
    const bytes = Buffer.isBuffer(archive) ? archive : tarArchive(archive as readonly TarEntry[]);
    const skipped: string[] = [];
    const pieces = (function* () {
      for (let at = 0; at < bytes.length; at += pieceBytes)
        yield bytes.subarray(at, at + pieceBytes);
    })();
    await extractStream(pieces as unknown as AsyncIterable<Buffer>, {
      sourceName: undefined,
      keepsSpecialBits: options.keeps === true,
      owner: () => undefined,
      signal: new AbortController().signal,
      onSkip: (name) => skipped.push(name),
      choose: () => ({ base: DirectoryHandle.at(root), name: undefined }),
    });
    return skipped;
  }

  async function pack(
    name: string | undefined,
    archiveName: string,
    { from = root, onShrink = () => {} }: { from?: string; onShrink?: (name: string) => void } = {},
  ): Promise<Buffer> {
    const handle = DirectoryHandle.at(from);
    const chunks: Buffer[] = [];
    const options = { archiveName, asRoot: true, onSkip: () => {}, onShrink };
    for await (const chunk of packTree(handle, name, options)) chunks.push(chunk);
    handle.close();
    return Buffer.concat(chunks);
  }

  it("arrive as they were: modes, times, links, hard links, any bytes in names", async () => {
    const tree = join(root, "tree");
    mkdirSync(join(tree, "sub"), { recursive: true, mode: 0o750 });
    writeFileSync(join(tree, "file"), "x".repeat(100_000), { mode: 0o640 });
    linkSync(join(tree, "file"), join(tree, "twin"));
    symlinkSync("/etc/passwd", join(tree, "away"));
    writeFileSync(Buffer.concat([Buffer.from(`${tree}/`), Buffer.from([0xff, 0x20])]), "odd");
    writeFileSync(join(tree, "sub", "n".repeat(200)), "long");
    const archive = await pack("tree", "tree");
    const before = statSync(join(tree, "file"));
    rmSync(tree, { recursive: true });
    await extract(archive);
    const after = statSync(join(tree, "file"));
    assert.deepEqual([after.mode, after.size], [before.mode, before.size]);
    assert.ok(Math.abs(after.mtimeMs - before.mtimeMs) < 2);
    assert.equal(statSync(join(tree, "twin")).ino, after.ino);
    assert.equal(readlinkSync(join(tree, "away")), "/etc/passwd");
    assert.equal(statSync(join(tree, "sub")).mode & 0o777, 0o750);
    const names = readdirSync(tree, { encoding: "latin1" }).sort();
    assert.deepEqual(names, ["away", "file", "sub", "twin", "\u00ff "]);
    assert.equal(readFileSync(join(tree, "sub", "n".repeat(200)), "utf8"), "long");
  });

  it("have all of a file that has no size, or a wrong one", async () => {
    for (const [from, name] of [
      ["/proc", "version"],
      ["/sys/devices/system/cpu", "online"],
    ] as const) {
      await extract(await pack(name, name, { from }));
      assert.equal(readFileSync(join(root, name), "utf8"), readFileSync(join(from, name), "utf8"));
    }
  });

  it("tell of a file that becomes shorter while it is read", async () => {
    writeFileSync(join(root, "log"), "x".repeat(3_000_000));
    const handle = DirectoryHandle.at(root);
    const shrunk: string[] = [];
    const onShrink = (name: string) => shrunk.push(name);
    const options = { archiveName: "log", asRoot: true, onSkip: () => {}, onShrink };
    let sizeBytes = 0;
    for await (const chunk of packTree(handle, "log", options)) {
      sizeBytes += chunk.length;
      truncateSync(join(root, "log"), 1_000_000);
    }
    handle.close();
    assert.deepEqual(shrunk, ["log"]);
    assert.ok(sizeBytes > 3_000_000);
  });

  it("are read by tar, and read what tar writes", async () => {
    mkdirSync(join(root, "d"));
    writeFileSync(join(root, "d", "f"), "data");
    const list = execFileSync("tar", ["-t"], { input: await pack(undefined, ".") }).toString();
    assert.deepEqual(list.trim().split("\n"), ["./", "./d/", "./d/f"]);
    const archive = execFileSync("tar", ["-C", root, "-c", "d"]);
    rmSync(join(root, "d"), { recursive: true });
    await extract(archive);
    assert.equal(readFileSync(join(root, "d", "f"), "utf8"), "data");
  });

  it("never lead out, whatever the archive says", async () => {
    const hostile: readonly (readonly [string, readonly TarEntry[]])[] = [
      ["dots", [{ path: "../outside", data: "bad" }]],
      ["dots inside", [{ path: "a/../../outside", data: "bad" }]],
      [
        "a link, then through it",
        [
          { path: "l", type: "symlink", target: ".." },
          { path: "l/outside", data: "bad" },
        ],
      ],
      [
        "an absolute link, then a directory and a file",
        [
          { path: "l", type: "symlink", target: place },
          { path: "l/", type: "directory" },
          { path: "l/outside", data: "bad" },
        ],
      ],
      ["a hard link out", [{ path: "h", type: "hardlink", target: "../outside" }]],
      [
        "a hard link through a link",
        [
          { path: "l", type: "symlink", target: ".." },
          { path: "h", type: "hardlink", target: "l/outside" },
        ],
      ],
    ];
    for (const [what, entries] of hostile) {
      await assert.rejects(extract(entries), what);
      assert.deepEqual(readdirSync(place).sort(), ["outside", "root"], what);
    }
  });

  it("replace a link instead of writing through it", async () => {
    symlinkSync("../outside", join(root, "f"));
    await extract([{ path: "f", data: "own" }]);
    assert.equal(readFileSync(join(root, "f"), "utf8"), "own");
    assert.ok(lstatSync(join(root, "f")).isFile());
    await extract([
      { path: "g", type: "symlink", target: "../outside" },
      { path: "h", type: "hardlink", target: "g" },
      { path: "h", data: "own" },
      { path: "/absolute", data: "below" },
    ]);
    assert.equal(readFileSync(join(root, "absolute"), "utf8"), "below");
  });

  it("lose the bits that give rights, unless those are kept; devices are left out", async () => {
    const entries: readonly TarEntry[] = [
      { path: "s", mode: 0o4755, data: "x" },
      { path: "null", type: "character", device: { major: 1, minor: 3 } },
      { path: "p", type: "fifo" },
    ];
    assert.deepEqual(await extract(entries), ["null", "p"]);
    assert.equal(statSync(join(root, "s")).mode & 0o7777, 0o755);
    await extract(entries, { keeps: true });
    assert.equal(statSync(join(root, "s")).mode & 0o7777, 0o4755);
    assert.deepEqual(readdirSync(root), ["s"]);
  });

  it("leave no half file where the archive breaks off", async () => {
    writeFileSync(join(root, "f"), "before");
    const archive = tarArchive([{ path: "f", data: "x".repeat(5000) }]);
    await assert.rejects(extract(archive.subarray(0, 2000)));
    assert.equal(readFileSync(join(root, "f"), "utf8"), "before");
    assert.deepEqual(readdirSync(root), ["f"]);
  });

  it("have holes where there are nothing but zeros", async () => {
    const zeros = Buffer.alloc(4 << 20);
    const files = {
      inside: Buffer.concat([Buffer.from("begin"), zeros, Buffer.from("end")]),
      behind: Buffer.concat([Buffer.from("begin"), zeros]),
      only: zeros,
      none: Buffer.from("a\0\0b"),
    };
    const entries = Object.entries(files).map(([path, data]) => ({ path, data }));
    await extract(entries, { pieceBytes: 1 << 16 });
    for (const [path, data] of Object.entries(files)) {
      assert.ok(readFileSync(join(root, path)).equals(data), path);
      assert.ok(statSync(join(root, path)).blocks * 512 < 1 << 20, path);
    }
  });

  it("merge into directories that are there, and refuse a directory over a file", async () => {
    mkdirSync(join(root, "d"), { mode: 0o700 });
    writeFileSync(join(root, "d", "old"), "");
    await extract([
      { path: "d/", type: "directory", mode: 0o755 },
      { path: "d/new", data: "" },
    ]);
    assert.deepEqual(readdirSync(join(root, "d")).sort(), ["new", "old"]);
    assert.equal(statSync(join(root, "d")).mode & 0o777, 0o700);
    await assert.rejects(extract([{ path: "d", data: "" }]), /is a directory there/);
    await assert.rejects(extract([{ path: "d/old/x", data: "" }]), /"old" is no directory/);
  });

  it("fills a directory that nobody may write into", async () => {
    await extract([
      { path: "ro/", type: "directory", mode: 0o555 },
      { path: "ro/f", data: "x" },
    ]);
    assert.equal(statSync(join(root, "ro")).mode & 0o777, 0o555);
    await extract([{ path: "implied/f", data: "x" }]);
    assert.equal(statSync(join(root, "implied")).mode & 0o777, 0o755);
  });

  it("resolve links as a process does whose root it is", () => {
    mkdirSync(join(root, "run/lock"), { recursive: true });
    mkdirSync(join(root, "var"));
    symlinkSync("/run", join(root, "var/run"));
    symlinkSync("../../../../../../run/lock", join(root, "var/lock"));
    symlinkSync("loop", join(root, "loop"));
    writeFileSync(join(root, "run/f"), "");
    const handle = DirectoryHandle.at(root);
    const found = (path: string, follow = true) => {
      const { directory, name, stats } = resolveInside(handle, path, { follow });
      const inode = directory.ownStats().ino;
      directory.close();
      return [inode, name, stats !== undefined];
    };
    const inode = (path: string) => statSync(join(root, path)).ino;
    assert.deepEqual(found("/var/run/f"), [inode("run"), "f", true]);
    assert.deepEqual(found("var/lock/../f"), [inode("run"), "f", true]);
    assert.deepEqual(found("../../../outside"), [inode("."), "outside", false]);
    assert.deepEqual(found("/var/run"), [inode("."), "run", true]);
    assert.deepEqual(found("/var/run", false), [inode("var"), "run", true]);
    assert.deepEqual(found("/"), [inode("."), undefined, false]);
    assert.throws(() => found("loop"), { code: "ELOOP" });
    assert.throws(() => found("nope/x"), { code: "ENOENT" });
    assert.throws(() => found("run/f/x"), { code: "ENOTDIR" });
    handle.close();
  });
});
