import assert from "node:assert/strict";
import { test } from "node:test";
import { mountsBelow, parseMountTable } from "../../../src/runtime/host/mount-table.ts";

const TABLE = `22 1 0:20 / / rw,relatime shared:1 master:2 - overlay overlay rw,lowerdir=/a:/b
30 22 0:4 net:[4026532281] /run/pods/a\\040b/ns/net rw shared:9 - nsfs nsfs rw
31 22 0:40 /sub /run/pods/a\\040b/shm rw - tmpfs shm\\134x rw,size=65536k

broken line
32 22 0:41 / /run/podsother rw - tmpfs none rw
33 31 0:42 / /run/pods/a\\040b/shm/inner rw - tmpfs none
`;

test("a mount table gives every field, with escapes undone and without malformed lines", () => {
  const table = parseMountTable(TABLE);
  assert.deepEqual(
    table.map((entry) => entry.id),
    [22, 30, 31, 32, 33],
  );
  assert.deepEqual(table[2], {
    id: 31,
    parentId: 22,
    root: "/sub",
    mountPoint: "/run/pods/a b/shm",
    options: ["rw"],
    propagation: [],
    type: "tmpfs",
    source: "shm\\x",
    superOptions: ["rw", "size=65536k"],
  });
  assert.deepEqual(table[0]?.propagation, ["shared:1", "master:2"]);
  assert.equal(table[1]?.root, "net:[4026532281]");
});

test("mounts below a directory come newest first and stop at its name", () => {
  const table = parseMountTable(TABLE);
  assert.deepEqual(
    mountsBelow("/run/pods", table).map((entry) => entry.id),
    [33, 31, 30],
  );
  assert.deepEqual(
    mountsBelow("/run/pods/a b/shm/", table).map((entry) => entry.id),
    [33],
  );
});
