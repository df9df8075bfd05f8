import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readText } from "../../../src/host/read-text.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";
import type { TestCase } from "../../support/test-case.ts";

export const CASES: readonly TestCase[] = [
  {
    title: "is that of a regular file, as UTF-8",
    async run(cleanup) {
      const path = join(await temporaryDirectory(cleanup), "file");
      await writeFile(path, "endpoint: grün\n");
      assert.equal(readText(path), "endpoint: grün\n");
    },
  },
  {
    title: "is empty for an empty file and for /dev/null",
    async run(cleanup) {
      const path = join(await temporaryDirectory(cleanup), "file");
      await writeFile(path, "");
      assert.equal(readText(path), "");
      assert.equal(readText("/dev/null"), "");
    },
  },
  {
    title: "is that of a file below /proc, whose size is 0",
    async run() {
      assert.match(readText("/proc/self/status"), /^Name:/);
    },
  },
  {
    title: "is all that comes out of a named pipe",
    async run(cleanup) {
      const path = join(await temporaryDirectory(cleanup), "pipe");
      execFileSync("sh", ["-c", 'mkfifo "$1"', "sh", path]);
      const writer = spawn("sh", ["-c", 'echo one >"$1"', "sh", path], { stdio: "ignore" });
      const ended = once(writer, "exit");
      assert.equal(readText(path), "one\n");
      assert.deepEqual(await ended, [0, null]);
    },
  },
  {
    title: "fails with the system's error where there is nothing to read",
    async run(cleanup) {
      const directory = await temporaryDirectory(cleanup);
      assert.throws(() => readText(join(directory, "absent")), { code: "ENOENT" });
      assert.throws(() => readText(directory), { code: "EISDIR" });
    },
  },
];
