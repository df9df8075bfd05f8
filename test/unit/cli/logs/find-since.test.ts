import assert from "node:assert/strict";
import { closeSync, openSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { findSince } from "../../../../src/cli/logs/find-since.ts";
import type { LogTime } from "../../../../src/cli/logs/log-time.ts";
import { parseMoment } from "../../../../src/cli/logs/parse-moment.ts";
import { printLog } from "../../../../src/cli/logs/print-log.ts";
import { memoryOutput } from "../../../support/memory-session.ts";

const START_MS = Date.UTC(2026, 0, 2);
const LINES = 40_000;
const momentOf = (second: number): LogTime => ({ seconds: START_MS / 1000 + second, nanos: 0 });
const stampOf = (second: number) => new Date(START_MS + second * 1000).toISOString();
const entry = (second: number, text: string, stream = "stdout", tag = "F") =>
  `${stampOf(second)} ${stream} ${tag} ${text}\n`;
const filler = "x".repeat(300);

/** A line for each second, unless the mood of a test changes some. */
function logOf(change: (second: number) => string | undefined = () => undefined): string {
  const lines = Array.from(
    { length: LINES },
    (_, second) =>
      change(second) ?? entry(second, `${second} ${filler}`, second % 9 ? "stdout" : "stderr"),
  );
  return lines.join("");
}

describe("finding the first line since a time", () => {
  let directory = "";
  let count = 0;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "crish-since-"));
  });
  after(() => rm(directory, { recursive: true, force: true }));

  async function logFile(text: string, name = `${count++}.log`): Promise<string> {
    const path = join(directory, name);
    await writeFile(path, text);
    return path;
  }

  function find(path: string, since: LogTime): number {
    const fd = openSync(path, "r");
    try {
      return findSince(fd, { since, sizeBytes: readFileSync(path).length });
    } finally {
      closeSync(fd);
    }
  }

  /** What a look at every line leaves, without a search. */
  function expected(text: string, since: LogTime): string {
    const limit = new Date(since.seconds * 1000 + since.nanos / 1e6).toISOString();
    const isNew = (line: string) => line.slice(0, limit.length) >= limit;
    return text
      .split("\n")
      .filter(isNew)
      .map((line) => `${line.split(" ").slice(3).join(" ")}\n`)
      .join("");
  }

  async function assertPrints(path: string, text: string, since: LogTime): Promise<void> {
    const [found, wanted] = [await printed(path, since), expected(text, since)];
    assert.ok(found === wanted, `${found.length} for ${wanted.length} bytes`);
  }

  async function printed(path: string, since: LogTime): Promise<string> {
    const chunks: string[] = [];
    const output = memoryOutput(chunks);
    const look = { format: "text", timestamps: false, since } as const;
    const outputs = { stdout: output, stderr: output };
    await printLog(outputs, path, { look, signal: new AbortController().signal });
    return chunks.join("");
  }

  it("begins shortly before it, at the begin of an entry", async () => {
    const text = logOf();
    const path = await logFile(text);
    for (const second of [0.5, 1, LINES / 3, LINES / 2 + 0.25, LINES - 1, LINES + 5]) {
      const since = parseMoment(stampOf(second), 0, "--since");
      const offset = find(path, since);
      const boundary = text.indexOf(stampOf(Math.ceil(second)));
      const wanted = boundary < 0 ? text.length : boundary;
      assert.ok(offset <= wanted && wanted - offset < 6 * 1024 * 1024, `${second}: ${offset}`);
      assert.ok(offset === 0 || text[offset - 1] === "\n");
      await assertPrints(path, text, since);
    }
  });

  it("reads all where a clock was set back, so that new lines stand before old ones", async () => {
    const setBackAt = 30_000;
    const text = logOf((second) =>
      second < setBackAt ? undefined : entry(second - 20_000, `${second} ${filler}`),
    );
    const path = await logFile(text);
    assert.equal(find(path, momentOf(25_000)), 0);
    for (const second of [15_000, 25_000, setBackAt - 700, 5000]) {
      await assertPrints(path, text, momentOf(second));
    }
  });

  it("reads all where lines stand out of order near the time", async () => {
    const middle = LINES / 2;
    const text = logOf((second) =>
      second === middle - 2500 ? entry(middle + 50, "early bird") : undefined,
    );
    const since = momentOf(middle);
    const path = await logFile(text);
    assert.equal(find(path, since), 0);
    await assertPrints(path, text, since);
  });

  it("leaves out a line whose first part is older, megabytes back", async () => {
    const middle = LINES / 2;
    const text = logOf((second) => {
      if (second === middle - 9000) return entry(second, "begun ", "stderr", "P");
      if (second > middle - 9000 && second < middle + 10) return entry(second, filler);
      return second === middle + 10 ? entry(second, "ended", "stderr") : undefined;
    });
    const path = await logFile(text);
    assert.ok(find(path, momentOf(middle)) > 0);
    const out = await printed(path, momentOf(middle));
    assert.ok(!out.includes("begun") && !out.includes("ended"));
  });

  it("reads all of a log that has no times in places", async () => {
    const path = await logFile(
      logOf((second) =>
        second % 5 ? "odd".repeat(20_000).slice(0, 300) + "\n".repeat(0) : undefined,
      ),
    );
    assert.equal(find(path, momentOf(LINES / 2)), 0);
  });

  it("is found in the rotated files, compressed or not", async () => {
    const text = logOf();
    const cut = (from: number, to: number) =>
      text.slice(text.indexOf(stampOf(from)), to === LINES ? undefined : text.indexOf(stampOf(to)));
    const [third, two] = [Math.floor(LINES / 3), Math.floor((LINES * 2) / 3)];
    await writeFile(join(directory, "r.log.20260101-000000.gz"), gzipSync(cut(0, third)));
    await logFile(cut(third, two), "r.log.20260102-000000");
    const path = await logFile(cut(two, LINES), "r.log");
    for (const second of [10, third - 5, third + 8_000, two - 1, two, LINES - 4]) {
      await assertPrints(path, text, momentOf(second));
    }
  });
});
