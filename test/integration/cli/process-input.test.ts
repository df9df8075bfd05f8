import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { run } from "../../support/run.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";

const INPUT = fileURLToPath(new URL("../../../src/cli/process-input.ts", import.meta.url));
const LARGE_BYTES = 3 << 20;

for (const runtime of ["node", "bun"] as const) {
  describe(`input of this process, on ${runtime}`, () => {
    const cleanup = cleanupAfter();

    /** Runs a shell line in which $PROGRAM copies its stdin to its stdout and $FILE names a file. */
    async function shell(line: string, text: string) {
      const directory = await temporaryDirectory(cleanup, "input");
      const program = join(directory, "program.ts");
      const file = join(directory, "file");
      await writeFile(file, text);
      await writeFile(
        program,
        `import { writeSync } from "node:fs";
        import { processInput } from ${JSON.stringify(INPUT)};
        const input = processInput();
        for await (const chunk of input.stream()) {
          for (let at = 0; at < chunk.length; ) at += writeSync(1, chunk, at);
        }
        input.release();`,
      );
      const env = { ...process.env, PROGRAM: `${runtime} ${program}`, FILE: file };
      return await run("sh", ["-c", line], { env });
    }

    it("is what is left of a file, and leaves nothing of it", async () => {
      const line = '{ read first; echo "<$first>"; $PROGRAM; echo "<$(cat)>"; } < "$FILE"';
      const { stdout, stderr, status } = await shell(line, "one\ntwo\nthree\n");
      assert.equal(stdout, "<one>\ntwo\nthree\n<>\n", stderr);
      assert.equal(status, 0);
    });

    it("is all of a large file", async () => {
      const { stdout, stderr } = await shell(
        '$PROGRAM < "$FILE" | cmp - "$FILE" && echo same',
        "0123456789\n".repeat(LARGE_BYTES / 11),
      );
      assert.equal(stdout, "same\n", stderr);
    });

    it("is nothing of an empty file and of /dev/null, and all of a pipe", async () => {
      const line = '$PROGRAM < "$FILE"; $PROGRAM < /dev/null; echo piped | $PROGRAM';
      const { stdout, stderr } = await shell(line, "");
      assert.equal(stdout, "piped\n", stderr);
    });
  });
}
