import assert from "node:assert/strict";
import { appendFileSync } from "node:fs";
import { appendFile, mkdtemp, rename, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { LogStream } from "../../../../src/cli/logs/log-entry.ts";
import { LogTrail } from "../../../../src/cli/logs/log-trail.ts";
import { type PrintLogOptions, printLog } from "../../../../src/cli/logs/print-log.ts";
import { StatusError } from "../../../../src/errors/status-error.ts";
import { memoryOutput } from "../../../support/memory-session.ts";
import { waitUntil } from "../../../support/wait-until.ts";

type CollectOptions = Partial<PrintLogOptions> & { readonly stream?: LogStream };

const AT = "2026-01-02T03:04:05.123456789Z";
const line = (text: string, stream = "stdout", tag = "F") => `${AT} ${stream} ${tag} ${text}\n`;

describe("printing a log file", () => {
  let directory = "";
  let count = 0;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "crish-log-"));
  });
  after(() => rm(directory, { recursive: true, force: true }));

  async function logFile(text: string): Promise<string> {
    const path = join(directory, `${count++}.log`);
    await writeFile(path, text);
    return path;
  }

  const tailCases: readonly [string, string, number, string][] = [
    ["gives nothing for no lines", line("a"), 0, ""],
    ["gives the last lines", line("a") + line("b") + line("c"), 2, "b\nc\n"],
    ["gives all where there are fewer", line("a"), 5, "a\n"],
    ["counts both streams", line("a") + line("x", "stderr") + line("b"), 2, "x\nb\n"],
    [
      "counts a line written in parts once",
      line("a") + line("b1", "stdout", "P") + line("b2"),
      1,
      "b1b2\n",
    ],
    ["counts an unfinished line", line("a") + line("b") + line("$ ", "stdout", "P"), 2, "b\n$ "],
    [
      "leaves out what stands between the parts of the first line",
      line("a") + line("b1", "stdout", "P") + line("x", "stderr") + line("b2"),
      1,
      "b1b2\n",
    ],
    ["counts lines of no format", `${line("a")}odd\n${line("b")}`, 2, "odd\nb\n"],
    ["reads a file without a last newline", `${line("a")}${line("b").trimEnd()}`, 1, "b\n"],
    [
      "finds lines longer than what it reads at once",
      line("a") + line("b".repeat(700_000)) + line("c"),
      2,
      `${"b".repeat(700_000)}\nc\n`,
    ],
  ];
  for (const [title, text, tailLines, expected] of tailCases) {
    it(`${title} (tail)`, async () => {
      assert.equal(await collect(await logFile(text), { tailLines }), expected);
    });
  }

  it("counts the lines of one stream where one is asked for", async () => {
    const path = await logFile(line("x", "stderr") + line("a") + line("b") + line("c"));
    assert.equal(await collect(path, { tailLines: 1, stream: "stderr" }), "x\n");
  });

  it("finds the last lines of a file too large to be read", async () => {
    const path = await logFile("");
    await truncate(path, 256 * 1024 ** 3);
    await appendFile(path, `\n${line("y".repeat(100)).repeat(200)}`);
    assert.equal((await collect(path, { tailLines: 100 })).length, 10_100);
  });

  const growingCases: readonly [string, { readonly tailLines?: number }, string][] = [
    ["the last line", { tailLines: 1 }, line("b")],
    ["more lines than there are", { tailLines: 5 }, line("a") + line("b")],
    ["all of it", {}, line("a") + line("b")],
  ];
  for (const [title, options, expected] of growingCases) {
    it(`ends where the log ended when it was opened, whatever is appended (${title})`, async () => {
      const path = await logFile(line("a") + line("b"));
      const signal = new AbortController().signal;
      const trail = await LogTrail.open(path, { ...options, signal });
      assert.ok(trail);
      await appendFile(path, line("c"));
      const target = new Uint8Array(1024);
      const count = await trail.read(target);
      assert.equal(Buffer.from(target.subarray(0, count)).toString(), expected);
      assert.equal(await trail.read(target), 0);
      assert.equal(await trail.waitForMore(), false);
      trail.close();
    });
  }

  it("says that there is no file", async () => {
    await assert.rejects(
      collect(join(directory, "missing")),
      (error) => error instanceof StatusError && error.code === "NotFound",
    );
  });

  it("follows what is appended and ends after the last line of a container that ended", async () => {
    const path = await logFile(line("a"));
    let asked = 0;
    const text = await collect(path, {
      follow: async () => {
        asked++;
        if (asked === 2) await appendFile(path, line("b") + line("c"));
        // Before any timer that begins now is over.
        if (asked === 3) setImmediate(() => appendFileSync(path, line("last")));
        return asked < 3;
      },
    });
    assert.equal(text, "a\nb\nc\nlast\n");
  });

  it("follows a file that is renamed and made anew, losing nothing of either", async () => {
    const path = await logFile(line("a"));
    const text = await collectWhile(path, async (until) => {
      await until("a\n");
      await rename(path, `${path}.1`);
      await appendFile(`${path}.1`, line("b"));
      await writeFile(path, line("c"));
      // Whoever has seen the new file by now has not waited any time yet.
      appendFileSync(`${path}.1`, line("late"));
      await until("c\n");
      await appendFile(path, line("d"));
      await until("d\n");
    });
    assert.equal(text, "a\nb\nlate\nc\nd\n");
  });

  it("follows a file that is truncated", async () => {
    const path = await logFile(line("a") + line("b"));
    const text = await collectWhile(path, async (until) => {
      await until("b\n");
      await truncate(path);
      await appendFile(path, line("c"));
      await until("c\n");
    });
    assert.equal(text, "a\nb\nc\n");
  });

  it("waits for the file of a container that has not written yet", async () => {
    const path = join(directory, "late.log");
    const text = await collectWhile(path, async (until) => {
      await writeFile(path, line("first"));
      await until("first\n");
    });
    assert.equal(text, "first\n");
  });

  it("ends without an error when it is told to", async () => {
    const path = await logFile(line("a"));
    assert.equal(await collectWhile(path, async (until) => await until("a\n")), "a\n");
  });
});

async function collect(path: string, options: CollectOptions = {}): Promise<string> {
  const chunks: string[] = [];
  const output = memoryOutput(chunks);
  const { stream, ...others } = options;
  await printLog({ stdout: output, stderr: output }, path, {
    signal: new AbortController().signal,
    look: { format: "text", timestamps: false, stream },
    ...others,
  });
  return chunks.join("");
}

/** Follows while `act` runs, which waits for what has been read to end in something. */
async function collectWhile(
  path: string,
  act: (until: (end: string) => Promise<void>) => Promise<void>,
): Promise<string> {
  const controller = new AbortController();
  const chunks: string[] = [];
  const output = memoryOutput(chunks);
  const until = async (end: string) => {
    await waitUntil(`${JSON.stringify(end)} is read`, () => chunks.join("").endsWith(end), {
      timeoutMs: 5000,
      intervalMs: 5,
    });
  };
  const acting = act(until).finally(() => controller.abort());
  await printLog({ stdout: output, stderr: output }, path, {
    signal: controller.signal,
    follow: async () => true,
  });
  await acting;
  return chunks.join("");
}
