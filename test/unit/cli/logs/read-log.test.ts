import assert from "node:assert/strict";
import { appendFile, mkdtemp, rename, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type ReadLogOptions, readLog } from "../../../../src/cli/logs/read-log.ts";
import { StatusError } from "../../../../src/errors/status-error.ts";

const AT = "2026-01-02T03:04:05.123456789Z";
const line = (text: string, stream = "stdout", tag = "F") => `${AT} ${stream} ${tag} ${text}\n`;

describe("reading a log file", () => {
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

  it("finds the last lines of a large file without reading it", async () => {
    const path = await logFile(line("y".repeat(100)).repeat(400_000));
    const startedAt = performance.now();
    assert.equal((await collect(path, { tailLines: 100 })).length, 10_100);
    assert.ok(performance.now() - startedAt < 100, "took longer than 100 ms");
  });

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
        if (asked === 3) void later(40, () => appendFile(path, line("last")));
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
      await appendFile(`${path}.1`, line("late"));
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

  it("ends without an error when it is told to", { timeout: 5000 }, async () => {
    const controller = new AbortController();
    void later(50, async () => controller.abort());
    const path = await logFile(line("a"));
    const text = await collect(path, { follow: async () => true, signal: controller.signal });
    assert.equal(text, "a\n");
  });
});

async function collect(path: string, options: Partial<ReadLogOptions> = {}): Promise<string> {
  const { signal } = new AbortController();
  const pieces: Uint8Array[] = [];
  for await (const segments of readLog(path, { signal, ...options })) {
    for (const { bytes } of segments) pieces.push(bytes);
  }
  return Buffer.concat(pieces).toString();
}

/** Follows while `act` runs, which waits for what has been read to end in something. */
async function collectWhile(
  path: string,
  act: (until: (end: string) => Promise<void>) => Promise<void>,
): Promise<string> {
  const controller = new AbortController();
  let text = "";
  const until = async (end: string) => {
    const deadline = performance.now() + 5000;
    while (!text.endsWith(end)) {
      assert.ok(performance.now() < deadline, `no ${JSON.stringify(end)} in ${text}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  const acting = act(until).finally(() => controller.abort());
  const chunks = readLog(path, { signal: controller.signal, follow: async () => true });
  for await (const segments of chunks) {
    for (const { bytes } of segments) text += Buffer.from(bytes).toString();
  }
  await acting;
  return text;
}

async function later(ms: number, act: () => Promise<void>): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
  await act();
}
