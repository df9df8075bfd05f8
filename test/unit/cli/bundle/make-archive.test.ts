import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { it } from "node:test";
import { makeArchive } from "../../../../src/cli/bundle/make-archive.ts";

it("the archive is one that tar reads, for its owner's eyes, and the same for the same content", async () => {
  const files = [
    { name: "a.txt", data: Buffer.from("hello\n") },
    { name: "empty", data: Buffer.alloc(0) },
    { name: "deep/block.bin", data: Buffer.alloc(512, 1) },
  ];
  const madeAt = new Date("2026-01-02T03:04:05Z");
  const archive = await makeArchive(files, madeAt);
  const listed = execFileSync("tar", ["tzvf", "-", "--utc", "--full-time", "--numeric-owner"], {
    input: archive,
    encoding: "utf8",
  });
  assert.deepEqual(listed.replaceAll(/ +/g, " ").trimEnd().split("\n"), [
    "-rw------- 0/0 6 2026-01-02 03:04:05 crish-bundle/a.txt",
    "-rw------- 0/0 0 2026-01-02 03:04:05 crish-bundle/empty",
    "-rw------- 0/0 512 2026-01-02 03:04:05 crish-bundle/deep/block.bin",
  ]);
  const text = execFileSync("tar", ["xzOf", "-", "crish-bundle/a.txt"], { input: archive });
  assert.equal(text.toString(), "hello\n");
  assert.deepEqual(await makeArchive(files, madeAt), archive);
  await assert.rejects(makeArchive([{ name: "x".repeat(90), data: Buffer.alloc(0) }], madeAt));
});
