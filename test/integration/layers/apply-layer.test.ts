import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { hasCode } from "../../../src/errors/status-error.ts";
import { applyLayer } from "../../../src/runtime/layers/apply-layer.ts";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { runOk } from "../../support/run.ts";
import { type TarEntry, tarArchive } from "../../support/tar-archive.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";

describe("applying a layer", async () => {
  const cleanup = cleanupAfter();
  const base = await temporaryDirectory(cleanup, "layers");
  let count = 0;

  async function apply(bytes: Buffer) {
    const outer = join(base, String(count++));
    const directory = join(outer, "fs");
    await mkdir(directory, { recursive: true });
    await writeFile(join(outer, "precious"), "untouched");
    const outside = async () => {
      assert.deepEqual((await readdir(outer)).sort(), ["fs", "precious"]);
      assert.equal(await readFile(join(outer, "precious"), "utf8"), "untouched");
    };
    const result = applyLayer({ source: pieces(bytes), directory });
    return { directory, result, outside };
  }

  /** Every name with all that a layer can say of it. */
  async function listTree(directory: string): Promise<string> {
    const { stdout } = await runOk("sh", [
      "-c",
      `cd "$0" && find . -printf '%p|%y|%m|%U:%G|%l|%n|%T@|' -exec stat -c '%t:%T' {} ';' | sort
       find . -type f -exec sha256sum {} + | sort
       find . -type f -printf '%i %p\\n' | sort -k2 | awk '{ if (!($1 in seen)) seen[$1] = ++n; print seen[$1], $2 }'`,
      directory,
    ]);
    return stdout;
  }

  async function xattrs(path: string): Promise<string> {
    const dump = ["--no-dereference", "--absolute-names", "--dump", "--match=-"];
    const { stdout } = await runOk("getfattr", [...dump, path]);
    const lines = stdout.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    return lines.sort().join("\n");
  }

  it("makes the same tree as tar itself, with modes, owners, links, devices and times", async () => {
    const source = join(base, "source");
    await runOk("sh", ["-c", MAKE_TREE, source]);
    const archive = join(base, "tree.tar");
    for (const format of ["gnu", "pax", "ustar"]) {
      await runOk("tar", ["--format", format, "-C", source, "-cf", archive, "."]);
      const expected = join(base, `expected-${format}`);
      await mkdir(expected);
      await runOk("tar", ["-C", expected, "-xpf", archive, "--numeric-owner"]);
      const { directory, result } = await apply(await readFile(archive));
      await result;
      assert.equal(await listTree(directory), await listTree(expected), format);
    }
  });

  for (const [name, compress] of [
    ["gzip", gzipSync],
    ["zstd", zstdCompressSync],
    ["nothing", (tar: Buffer) => tar],
  ] as const) {
    it(`takes a layer compressed with ${name} and tells its diff ID`, async () => {
      const tar = tarArchive([{ path: "file", data: "x".repeat(3_000_000) }]);
      const { directory, result } = await apply(compress(tar));
      const { diffId, sizeBytes } = await result;
      assert.equal(diffId, `sha256:${createHash("sha256").update(tar).digest("hex")}`);
      assert.equal(sizeBytes, 3_000_000);
      assert.equal((await readFile(join(directory, "file"))).length, 3_000_000);
    });
  }

  it("keeps attributes and setuid, and writes overlay's whiteouts", async () => {
    const { directory, result } = await apply(
      tarArchive([
        { path: "d/", type: "directory", mode: 0o1777, uid: 7 },
        {
          path: "d/tool",
          data: "x",
          mode: 0o4755,
          uid: 1000,
          gid: 1000,
          pax: { "SCHILY.xattr.user.colour": "blue", "SCHILY.xattr.trusted.overlay.redirect": "/" },
        },
        { path: "d/.wh.gone" },
        { path: "d/.wh..wh..opq" },
      ]),
    );
    await result;
    assert.equal(await xattrs(join(directory, "d/tool")), 'user.colour="blue"');
    assert.equal(await xattrs(join(directory, "d")), 'trusted.overlay.opaque="y"');
    const { stdout } = await runOk("stat", [
      "-c",
      "%n %F %a %u:%g %t:%T",
      ...["d", "d/tool", "d/gone"].map((name) => join(directory, name)),
    ]);
    assert.deepEqual(
      stdout
        .trim()
        .split("\n")
        .map((line) => line.slice(directory.length + 1)),
      [
        "d directory 1777 7:0 0:0",
        "d/tool regular file 4755 1000:1000 0:0",
        "d/gone character special file 0 0:0 0:0",
      ],
    );
  });

  it("lets later entries replace earlier ones of another kind", async () => {
    const { directory, result, outside } = await apply(
      tarArchive([
        { path: "a", type: "symlink", target: "../precious" },
        { path: "a", data: "file" },
        { path: "b", type: "symlink", target: ".." },
        { path: "b/", type: "directory" },
        { path: "b/x", data: "below" },
        { path: "c/", type: "directory" },
        { path: "c", data: "was empty" },
        { path: "e", data: "first" },
        { path: "e", data: "second" },
      ]),
    );
    await result;
    await outside();
    const read = (name: string) => readFile(join(directory, name), "utf8");
    assert.deepEqual(await Promise.all(["a", "b/x", "c", "e"].map(read)), [
      "file",
      "below",
      "was empty",
      "second",
    ]);
  });

  it("writes through symlinks inside the layer only", async () => {
    const { directory, result, outside } = await apply(
      tarArchive([
        { path: "run/", type: "directory" },
        { path: "var/run", type: "symlink", target: "../run" },
        { path: "var/run/pid", data: "1" },
        { path: "abs", type: "symlink", target: base },
        { path: "abs/escaped", data: "no" },
        { path: "up", type: "symlink", target: "../.." },
        { path: "up/escaped", data: "no" },
        { path: "/absolute", data: "relative" },
      ]),
    );
    await result;
    await outside();
    assert.equal(await readFile(join(directory, "run/pid"), "utf8"), "1");
    assert.equal(await readFile(join(directory, base, "escaped"), "utf8"), "no");
    assert.equal(await readFile(join(directory, "escaped"), "utf8"), "no");
    assert.equal(await readFile(join(directory, "absolute"), "utf8"), "relative");
  });

  const hostile: [string, TarEntry[]][] = [
    ["`..`", [{ path: "../precious", data: "gone" }]],
    ["`..` in the middle", [{ path: "x/../../precious", data: "gone" }]],
    ["a hard link out", [{ path: "x", type: "hardlink", target: "../precious" }]],
    [
      "a hard link to the host through a symlink",
      [
        { path: "etc", type: "symlink", target: "/etc" },
        { path: "x", type: "hardlink", target: "etc/passwd" },
      ],
    ],
    ["a whiteout of its parent", [{ path: ".wh..." }]],
  ];
  for (const [what, entries] of hostile) {
    it(`refuses a layer with ${what} and writes nothing outside`, async () => {
      const { result, outside } = await apply(gzipSync(tarArchive(entries)));
      await assert.rejects(result, (error) => hasCode(error, "InvalidArgument"));
      await outside();
    });
  }

  it("refuses a layer that is cut off, wherever", async () => {
    const tar = tarArchive([{ path: "a", data: "x".repeat(100_000) }, { path: "b" }]);
    const gzip = gzipSync(tar);
    for (const bytes of [
      gzip.subarray(0, 60),
      gzip.subarray(0, gzip.length - 4),
      tar.subarray(0, 5000),
    ]) {
      const { result, outside } = await apply(bytes);
      await assert.rejects(result, (error) => hasCode(error, "InvalidArgument"));
      await outside();
    }
  });

  it("reads what follows the compressed stream to its end", async () => {
    const tar = tarArchive([{ path: "a", data: "x" }]);
    const { result } = await apply(Buffer.concat([gzipSync(tar), Buffer.alloc(3_000_000)]));
    await result;
  });

  it("passes on the failure of its source and ends tar", async () => {
    const directory = join(base, "broken");
    await mkdir(directory);
    const tar = tarArchive([{ path: "a", data: Buffer.alloc(2_000_000, "x") }]);
    const failing = (bytes: Buffer) =>
      (async function* () {
        yield bytes.subarray(0, bytes.length >> 1);
        throw new Error("the line went dead");
      })();
    for (const bytes of [tar, gzipSync(tar, { level: 0 })]) {
      await assert.rejects(applyLayer({ source: failing(bytes), directory }), /line went dead/);
    }
  });
});

/** Pieces of odd sizes, as a network has them. */
async function* pieces(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0, size = 1; at < bytes.length; at += size, size = Math.min(size * 3 + 1, 70_001)) {
    yield bytes.subarray(at, at + size);
  }
}

const MAKE_TREE = `
set -e
mkdir -p "$0"; cd "$0"
mkdir -m 0750 dir; mkdir -m 1777 tmp; mkdir -p deep/$(printf 'n%.0s' $(seq 90))/$(printf 'm%.0s' $(seq 60))
echo hello > dir/file; chmod 4711 dir/file; chown 1234:4321 dir/file
head -c 700000 /dev/urandom > dir/big; : > dir/empty
echo long > deep/$(printf 'n%.0s' $(seq 90))/$(printf 'm%.0s' $(seq 60))/file
ln dir/file hard; ln -s dir/file soft; ln -s /absolute/nowhere dangling
mkfifo fifo; mknod null c 1 3; mknod loop b 7 0
printf x > "$(printf 'uml\\303\\244ut \\377')"
touch -d '2001-02-03 04:05:06' dir/file dir/empty; touch -h -d '1999-01-01' soft; touch -d '2011-11-11' dir tmp
`;
