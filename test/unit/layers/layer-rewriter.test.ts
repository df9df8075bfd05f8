import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hasCode } from "../../../src/errors/status-error.ts";
import { LayerRewriter } from "../../../src/runtime/layers/layer-rewriter.ts";
import type { TarEntry as ReadEntry } from "../../../src/tar/tar-entry.ts";
import { TarReader } from "../../../src/tar/tar-reader.ts";
import { type TarEntry, tarArchive } from "../../support/tar-archive.ts";

function rewrite(archive: Buffer, pieceBytes = archive.length) {
  const rewriter = new LayerRewriter();
  const chunks: Buffer[] = [];
  for (let at = 0; at < archive.length; at += pieceBytes) {
    chunks.push(...rewriter.push(Buffer.from(archive.subarray(at, at + pieceBytes))));
  }
  const { chunks: rest, summary } = rewriter.end();
  const entries: (ReadEntry & { data: string })[] = [];
  let data = "";
  const reader = new TarReader({
    onEntry: (entry) => entries.push({ ...entry, data: "" }),
    onData: (piece) => {
      data += piece.toString("latin1");
    },
    onEntryEnd: () => {
      const last = entries.pop();
      if (last !== undefined) entries.push({ ...last, data });
      data = "";
    },
  });
  const stream = Buffer.concat([...chunks, ...rest]);
  reader.push(stream);
  reader.end();
  return { entries, summary, stream };
}

const names = (entries: readonly TarEntry[]) =>
  rewrite(tarArchive(entries)).entries.map((entry) => entry.name);

function assertRefused(entries: readonly TarEntry[], pattern: RegExp): void {
  assert.throws(
    () => rewrite(tarArchive(entries)),
    (error) => hasCode(error, "InvalidArgument") && pattern.test(error.message),
  );
}

describe("rewriting a layer", () => {
  it("makes absolute and dotted names relative", () => {
    assert.deepEqual(names([{ path: "/etc/", type: "directory" }, { path: "./etc/./passwd" }]), [
      "etc",
      "etc/passwd",
    ]);
  });

  it("resolves parents through the layer's own symlinks, inside the root", () => {
    const entries: TarEntry[] = [
      { path: "out", type: "symlink", target: "/host" },
      { path: "up", type: "symlink", target: "../../../../host" },
      { path: "a", type: "directory" },
      { path: "a/rel", type: "symlink", target: "../b" },
      { path: "out/file" },
      { path: "up/file2" },
      { path: "a/rel/file3" },
    ];
    assert.deepEqual(names(entries).slice(4), ["host", "host/file", "host/file2", "b", "b/file3"]);
  });

  it("resolves hard-link targets inside the layer", () => {
    const { entries } = rewrite(
      tarArchive([
        { path: "usr/bin/tool", data: "x" },
        { path: "bin", type: "symlink", target: "usr/bin" },
        { path: "copy", type: "hardlink", target: "/bin/tool" },
      ]),
    );
    assert.equal(entries.at(-1)?.linkName, "usr/bin/tool");
  });

  it("follows a hard link to a symlink as that symlink", () => {
    const entries: TarEntry[] = [
      { path: "link", type: "symlink", target: "/inside" },
      { path: "same", type: "hardlink", target: "link" },
      { path: "same/file" },
    ];
    assert.deepEqual(names(entries).slice(2), ["inside", "inside/file"]);
  });

  it("writes whiteouts last, and lets them lose against entries of the same layer", () => {
    const { entries, stream } = rewrite(
      tarArchive([
        { path: "d/", type: "directory", mode: 0o700 },
        { path: "d/.wh.gone" },
        { path: "d/.wh.kept" },
        { path: "d/.wh.dir" },
        { path: "d/kept", data: "new" },
        { path: "d/dir/", type: "directory" },
        { path: "d/.wh..wh..opq" },
        { path: "d/.wh..wh.plnk" },
      ]),
    );
    const tail = entries.slice(3).map(({ name, type }) => [name, type]);
    assert.deepEqual(tail, [
      ["d", "directory"],
      ["d/gone", "character"],
      ["d/dir", "directory"],
    ]);
    assert.equal(stream.toString("latin1").split("trusted.overlay.opaque=y").length - 1, 2);
    assert.equal(entries[3]?.mode, 0o700);
  });

  it("tells of directories that are implied, and of an opaque root", () => {
    const { summary } = rewrite(
      tarArchive([
        { path: "a/b/file" },
        { path: "a/", type: "directory" },
        { path: ".wh..wh..opq" },
      ]),
    );
    assert.deepEqual(summary.impliedDirectories, [".", "a/b"]);
    assert.equal(summary.isRootOpaque, true);
  });

  it("drops attributes that would speak to overlay, and keeps the others", () => {
    const { entries } = rewrite(
      tarArchive([
        {
          path: "f",
          pax: {
            "SCHILY.xattr.trusted.overlay.redirect": "/etc",
            "SCHILY.xattr.user.overlay.opaque": "y",
            "SCHILY.xattr.user.colour": "blue",
          },
        },
      ]),
    );
    assert.deepEqual([...(entries[0]?.xattrs ?? [])], [["user.colour", "blue"]]);
  });

  it("gives the same result however the stream is cut", () => {
    const archive = tarArchive([
      { path: `${"long/".repeat(40)}file`, data: "x".repeat(5000), uid: 1000, gid: 2_000_000 },
      { path: "link", type: "symlink", target: "t".repeat(150) },
      { path: "empty" },
      { path: "big", data: "y".repeat(300_000), pax: { mtime: "1700000000.5" } },
    ]);
    const whole = rewrite(archive);
    for (const pieceBytes of [1, 7, 511, 512, 513, 10_240]) {
      assert.deepEqual(rewrite(archive, pieceBytes), whole);
    }
    assert.equal(whole.entries.at(-1)?.mtime, "1700000000.5");
  });

  const hostile: [string, TarEntry[], RegExp][] = [
    ["`..` in a name", [{ path: "../escape" }], /"\.\."/],
    ["`..` in the middle", [{ path: "a/../../escape" }], /"\.\."/],
    [
      "a hard link to a file of the host",
      [{ path: "x", type: "hardlink", target: "/etc/passwd" }],
      /hard link to a file that the layer does not have/,
    ],
    ["a hard link with `..`", [{ path: "x", type: "hardlink", target: "../x" }], /"\.\."/],
    [
      "a hard link to itself",
      [{ path: "x" }, { path: "./x", type: "hardlink", target: "x" }],
      /to itself/,
    ],
    [
      "a circle of symlinks",
      [
        { path: "a", type: "symlink", target: "b" },
        { path: "b", type: "symlink", target: "a" },
        { path: "a/file" },
      ],
      /too many symlinks/,
    ],
    ["a file below a file", [{ path: "a" }, { path: "a/b" }], /no directory/],
    [
      "a file in place of a full directory",
      [{ path: "a/b" }, { path: "a" }],
      /directory that is not empty/,
    ],
    ["a whiteout of `..`", [{ path: ".wh..." }], /malformed whiteout/],
    ["a whiteout of nothing", [{ path: ".wh." }], /malformed whiteout/],
    ["a name that no file system takes", [{ path: "n".repeat(300) }], /too long/],
    ["a path without end", [{ path: "d/".repeat(3000) }], /too long/],
    ["the root as a file", [{ path: "./", type: "symlink", target: "/" }], /no name/],
    ["a sparse file", [{ path: "s", pax: { "GNU.sparse.major": "1" } }], /sparse/],
    ["one of version 0.1", [{ path: "s", pax: { "GNU.sparse.map": "0,1" } }], /sparse/],
    ["one of version 0.0", [{ path: "s", pax: { "GNU.sparse.numblocks": "1" } }], /sparse/],
    ["NUL in a name", [{ path: "a", pax: { path: "a\0b" } }], /NUL/],
  ];
  for (const [what, entries, reason] of hostile) {
    it(`refuses ${what}`, () => assertRefused(entries, reason));
  }

  it("refuses an extended header beyond all bounds", () => {
    const archive = tarArchive([{ path: "a", pax: { comment: "x".repeat(2 << 20) } }]);
    assert.throws(() => rewrite(archive), /extended header of 2\d+ bytes/);
  });

  it("refuses malformed PAX records", () => {
    for (const body of ["x", "5 a=", "999 a=b\n", "-3 a=b\n", "6 =ab\n", "7 a=b\nxx"]) {
      const archive = tarArchive([{ path: "pax", data: body }, { path: "f" }]);
      archive.write("x", 156, "latin1");
      fixChecksum(archive);
      assert.throws(() => rewrite(archive), /malformed PAX record/, JSON.stringify(body));
    }
  });

  it("refuses a damaged header, a cut archive and what is no archive", () => {
    const archive = tarArchive([{ path: "file", data: "x".repeat(2000) }]);
    const damaged = Buffer.from(archive);
    damaged[3] = 0x7a;
    assert.throws(() => rewrite(damaged), /damaged tar header/);
    assert.throws(() => rewrite(archive.subarray(0, 1500)), /ends within an entry/);
    assert.throws(() => rewrite(Buffer.from("<html>".repeat(200))), /damaged tar header/);
  });

  it("ignores what follows the end of the archive", () => {
    const archive = tarArchive([{ path: "file" }]);
    const garbage = Buffer.alloc(4096, "garbage");
    assert.deepEqual(rewrite(Buffer.concat([archive, garbage])), rewrite(archive));
  });

  it("reads numbers in base 256, and the directory form of old archives", () => {
    const archive = tarArchive([{ path: "old/" }]);
    archive.writeUInt32BE(0x80000000, 108);
    archive.writeUInt32BE(3_000_000_000, 112);
    fixChecksum(archive);
    const [entry] = rewrite(archive).entries;
    assert.equal(entry?.uid, 3_000_000_000);
    assert.equal(entry?.type, "directory");
  });
});

function fixChecksum(archive: Buffer): void {
  archive.write("        ", 148);
  const sum = archive.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  archive.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
}
