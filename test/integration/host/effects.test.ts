import assert from "node:assert/strict";
import { mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import {
  getExtendedAttribute,
  setExtendedAttribute,
} from "../../../src/runtime/host/extended-attributes.ts";
import { makeNode } from "../../../src/runtime/host/make-node.ts";
import { mount } from "../../../src/runtime/host/mount.ts";
import { mountsBelow } from "../../../src/runtime/host/mount-table.ts";
import { connectSeqpacket } from "../../../src/runtime/host/seqpacket.ts";
import { unmount } from "../../../src/runtime/host/unmount.ts";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";

const cleanup = cleanupAfter();
let directory = "";
before(async () => {
  directory = await temporaryDirectory(cleanup, "host");
});

test("a mount appears in the mount table and an unmount takes it away, once", async () => {
  const target = join(directory, "with space");
  await mkdir(target);
  await mount({ source: "shm", target, type: "tmpfs", flags: ["nodev"], data: "size=64k" });
  const [entry] = mountsBelow(target);
  assert.equal(entry?.mountPoint, target);
  assert.ok(entry?.superOptions.includes("size=64k"));
  assert.equal(await unmount(target), true);
  assert.equal(await unmount(target), false);
  assert.deepEqual(mountsBelow(target), []);
});

test("a refused mount names its target and carries the errno", async () => {
  const target = join(directory, "absent");
  await assert.rejects(mount({ source: "x", target, type: "tmpfs" }), (error: Error) => {
    assert.equal((error.cause as NodeJS.ErrnoException).code, "ENOENT");
    assert.equal(error.message, `could not mount tmpfs on "${target}"`);
    return true;
  });
});

test("unmounting what does not exist is no error", async () => {
  assert.equal(await unmount(join(directory, "absent")), false);
});

test("device nodes get their type and numbers", async () => {
  const path = join(directory, "device");
  await makeNode(path, { type: "character", mode: 0o600, major: 1, minor: 300 });
  const facts = await stat(path);
  assert.equal(facts.isCharacterDevice(), true);
  assert.equal(facts.rdev, 0x10012c);
  await assert.rejects(makeNode(path, { type: "fifo", mode: 0o600 }), { code: "AlreadyExists" });
});

test("extended attributes are written, also empty, and read back", async () => {
  // Not every file system has the trusted attributes: tmpfs has.
  const target = join(directory, "attributes");
  await mkdir(target);
  await mount({ source: "none", target, type: "tmpfs" });
  const path = join(target, "file");
  await writeFile(path, "");
  assert.equal(await getExtendedAttribute(path, "trusted.a"), undefined);
  await setExtendedAttribute(path, "trusted.a", Buffer.from("one"));
  await setExtendedAttribute(path, "trusted.b", new Uint8Array(0));
  assert.equal(
    Buffer.from((await getExtendedAttribute(path, "trusted.a")) ?? []).toString(),
    "one",
  );
  assert.equal((await getExtendedAttribute(path, "trusted.b"))?.length, 0);
});

test("connecting to no socket is NotFound and to a plain file Unavailable", async () => {
  await assert.rejects(connectSeqpacket(join(directory, "none")), { code: "NotFound" });
  const path = join(directory, "plain");
  await writeFile(path, "");
  await assert.rejects(connectSeqpacket(path), { code: "Unavailable" });
  const deep = join(directory, "d".repeat(100));
  await mkdir(deep);
  await assert.rejects(connectSeqpacket(join(deep, "none")), { code: "NotFound" });
});
