import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { run } from "../../support/run.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";

const OUTPUT = fileURLToPath(new URL("../../../src/cli/process-output.ts", import.meta.url));
const LARGE_BYTES = 3 << 20;

/** What a program that has `output` does, told on its stderr; $FLAG is a file that it may make. */
const PROGRAMS = {
  large: `
    const written = output.write("x".repeat(${LARGE_BYTES}));
    writeFileSync(process.env.FLAG, "");
    await written;
    await output.write("end\\n");`,
  small: `
    const written = [output.write("<" + "x".repeat(20000) + ">")];
    for (let line = 0; line < 100; line++) written.push(output.write("\\n" + line));
    writeFileSync(process.env.FLAG, "");
    await Promise.all(written);`,
  lines: `
    for (let line = 0; line < 500; line++) await output.write(line + "\\n");
    const flags = readFileSync("/proc/self/fdinfo/1", "utf8").match(/flags:\\s*(\\d+)/)[1];
    report("non-blocking: " + ((Number.parseInt(flags, 8) & 0o4000) !== 0));`,
  one: `
    await output.write("line\\n").then(() => report("written"), (error) => report(error.message));`,
  many: `
    for (let line = 0; line < 100000 && !broken; line++) await output.write("line\\n");
    report("broken: " + String(broken));`,
};

for (const runtime of ["node", "bun"] as const) {
  describe(`output of this process, on ${runtime}`, () => {
    const cleanup = cleanupAfter();

    /** Runs a shell line in which $PROGRAM writes and $FLAG names a file that is not there yet. */
    async function shell(program: keyof typeof PROGRAMS, line: string) {
      const directory = await temporaryDirectory(cleanup, "output");
      const file = join(directory, "program.ts");
      await writeFile(
        file,
        `import { readFileSync, writeFileSync } from "node:fs";
        import { processOutput } from ${JSON.stringify(OUTPUT)};
        let broken;
        const output = processOutput(1, (reason) => { broken = reason; });
        const report = (text) => writeFileSync(2, text + "\\n");
        ${PROGRAMS[program]}`,
      );
      const env = { ...process.env, PROGRAM: `${runtime} ${file}`, FLAG: join(directory, "flag") };
      return await run("sh", ["-c", line], { env });
    }

    it("loses nothing where the reader of the pipe comes late", async () => {
      const { stdout, status, stderr } = await shell(
        "large",
        `$PROGRAM | { until [ -e "$FLAG" ]; do :; done; tail -c +${LARGE_BYTES - 1}; }`,
      );
      assert.equal(stdout, "xxend\n", stderr);
      assert.equal(status, 0);
    });

    it("writes a small first part once, and what comes after it in order, where the pipe is almost full", async () => {
      const { stdout, stderr } = await shell(
        "small",
        `{ head -c 60000 /dev/zero; $PROGRAM; } | { until [ -e "$FLAG" ]; do :; done; tail -c +60001; }`,
      );
      const lines = Array.from({ length: 100 }, (_, line) => `\n${line}`);
      assert.equal(stdout, `<${"x".repeat(20000)}>${lines.join("")}`, stderr);
    });

    it("leaves a pipe that others have as blocking as it was", async () => {
      const { stdout, stderr } = await shell("lines", "$PROGRAM | cat");
      assert.equal(stdout.split("\n").length, 501);
      assert.equal(stderr, "non-blocking: false\n");
    });

    it("leaves a pipe as blocking as it was where its reader was slow, so that others lose nothing", async () => {
      const line =
        '{ $PROGRAM; head -c 1000000 /dev/zero; } | { until [ -e "$FLAG" ]; do :; done; wc -c; }';
      const { stdout, stderr } = await shell("large", line);
      assert.equal(stdout, `${LARGE_BYTES + 4 + 1_000_000}\n`, stderr);
      const ended = await shell("large", "{ $PROGRAM; cat /proc/self/fdinfo/1 >&2; } | tail -c 4");
      assert.equal(ended.stdout, "end\n");
      const flags = /flags:\s*(\d+)/.exec(ended.stderr)?.[1] ?? "";
      assert.equal(Number.parseInt(flags, 8) & 0o4000, 0, ended.stderr);
    });

    it("leaves a socket as blocking as it was", async () => {
      for (const [program, end] of [
        ["one", "line\n"],
        ["large", "xend\n"],
      ] as const) {
        // Node's pipes to a child are sockets.
        const { stdout, stderr } = await shell(program, "$PROGRAM; cat /proc/self/fdinfo/1 >&2");
        assert.equal(stdout.slice(-5), end);
        const flags = /flags:\s*(\d+)/.exec(stderr)?.[1] ?? "";
        assert.equal(Number.parseInt(flags, 8) & 0o4000, 0, stderr);
      }
    });

    it("is appended to an empty file as it is, however much it is", async () => {
      for (const [program, sizeBytes] of [
        ["one", "line\n".length],
        ["small", 20_292],
        ["large", LARGE_BYTES + "end\n".length],
      ] as const) {
        const line =
          '$PROGRAM >> "$FLAG.out" && wc -c < "$FLAG.out" && tr -d "\\000" < "$FLAG.out" | wc -c';
        const { stdout } = await shell(program, line);
        assert.equal(stdout, `${sizeBytes}\n${sizeBytes}\n`, program);
      }
    });

    it("goes to the end of a file that others write to as well", async () => {
      const { stdout } = await shell("one", '$PROGRAM >>"$FLAG"; $PROGRAM >>"$FLAG"; cat "$FLAG"');
      assert.equal(stdout, "line\nline\n");
    });

    it("fails where the device is full", async () => {
      const { stderr } = await shell("one", "$PROGRAM >/dev/full");
      assert.match(stderr, /^cannot write to stdout: .*no space left/i);
    });

    it("says so in words where a file may not grow", async () => {
      const { stderr } = await shell("one", 'ulimit -f 0; $PROGRAM > "$FLAG"');
      assert.equal(stderr, "cannot write to stdout: the file would be larger than is allowed\n");
    });

    it("ends quietly where the reader has gone", async () => {
      const { stdout, stderr } = await shell("many", "$PROGRAM | head -n 1");
      assert.equal(stdout, "line\n");
      assert.equal(stderr, "broken: Symbol(output closed)\n");
    });

    it("is no failure where stdout is closed", async () => {
      const { stderr } = await shell("one", "$PROGRAM >&-");
      assert.doesNotMatch(stderr, /Error|at .*:\d+:\d+/);
    });
  });
}
