import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, rm, truncate } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { run, runOk } from "../../support/run.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";
import { unmountBelow } from "../../support/unmount-below.ts";

const WRITER = fileURLToPath(new URL("./leave-log.ts", import.meta.url));
const READER = fileURLToPath(new URL("./read-entries.ts", import.meta.url));

for (const [name, interpreter] of [
  ["Node", process.execPath],
  ["Bun", "bun"],
] as const) {
  describe(`a database on a disk that may only be read, on ${name}`, () => {
    const cleanup = cleanupAfter();

    /** Writes two entries of which the second is in the log alone, and goes on to live. */
    async function startWriter() {
      const directory = await temporaryDirectory(cleanup, "read-only");
      const [disk, scratch] = [join(directory, "disk"), join(directory, "scratch")];
      await mkdir(disk);
      await mkdir(scratch);
      const file = join(disk, "crish.db");
      const child = spawn(interpreter, [WRITER, file], { stdio: ["ignore", "pipe", "inherit"] });
      cleanup.add("end the writer", () => void child.kill("SIGKILL"));
      await once(child.stdout, "data");
      cleanup.add("unmount", () => unmountBelow(disk));
      return { file, disk, scratch, child };
    }
    const kill = async (child: Awaited<ReturnType<typeof startWriter>>["child"]) => {
      child.kill("SIGKILL");
      await once(child, "exit");
    };
    const mountReadOnly = async (disk: string) => {
      await runOk("mount", ["--bind", disk, disk]);
      await runOk("mount", ["-o", "remount,bind,ro", disk]);
    };
    const read = async (file: string, ...scratch: string[]) =>
      await run(interpreter, [READER, file, ...scratch]);

    it("is read with its log while another process still has it open", async () => {
      const { file, disk, scratch } = await startWriter();
      await mountReadOnly(disk);
      assert.equal((await read(file, scratch)).stdout, "2, and no write\n");
    });

    it("is read with the log of a process that was killed, whatever became of the index", async () => {
      const { file, disk, scratch, child } = await startWriter();
      await kill(child);
      await mountReadOnly(disk);
      assert.equal((await read(file)).stdout, "2, and no write\n");
      await runOk("mount", ["-o", "remount,bind,rw", disk]);
      await truncate(`${file}-shm`);
      await runOk("mount", ["-o", "remount,bind,ro", disk]);
      assert.equal((await read(file)).stdout, "2, and no write\n");
      await runOk("mount", ["-o", "remount,bind,rw", disk]);
      await rm(`${file}-shm`);
      await runOk("mount", ["-o", "remount,bind,ro", disk]);
      assert.equal((await read(file, scratch)).stdout, "2, and no write\n");
      assert.deepEqual(await readdir(scratch), []);
      assert.match((await read(file)).stderr, /is on a read-only file system/);
    });

    it("is refused with the schema of another crish", async () => {
      const { file, disk, scratch, child } = await startWriter();
      await kill(child);
      const { stderr } = await run(interpreter, [READER, file, scratch, "--newer"], {
        env: { ...process.env },
      });
      assert.equal(stderr, "");
      await mountReadOnly(disk);
      assert.match((await read(file, scratch)).stderr, /is on a read-only file system/);
    });
  });
}
