import assert from "node:assert/strict";
import {
  appendFile,
  mkdir,
  mkdtemp,
  rename,
  rm,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { listRotatedLogs } from "../../../../src/cli/logs/log-files.ts";
import { parseMoment } from "../../../../src/cli/logs/parse-moment.ts";
import { type PrintLogOptions, printLog } from "../../../../src/cli/logs/print-log.ts";
import { memoryOutput } from "../../../support/memory-session.ts";
import { waitUntil } from "../../../support/wait-until.ts";

const AT = "2026-01-02T03:04:05.123456789Z";
const line = (text: string, stream = "stdout", tag = "F") => `${AT} ${stream} ${tag} ${text}\n`;
const docker = (log: string) =>
  `${JSON.stringify({ log: `${log}\n`, stream: "stdout", time: AT })}\n`;

describe("the rotated files of a log", () => {
  let directory = "";
  let count = 0;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "crish-rotated-"));
  });
  after(() => rm(directory, { recursive: true, force: true }));

  /** Files by what follows the log's name; those named .gz are compressed. */
  async function logWith(files: Readonly<Record<string, string>>, name = "0.log"): Promise<string> {
    const place = join(directory, String(count++));
    await mkdir(place);
    for (const [mark, text] of Object.entries(files)) {
      await writeFile(join(place, name + mark), mark.endsWith(".gz") ? gzipSync(text) : text);
    }
    return join(place, name);
  }

  const kubelet = {
    ".20260101-000000.gz": line("a") + line("b"),
    ".20260102-000000.gz": line("c"),
    ".20260103-000000": line("d") + line("e", "stderr"),
    "": line("f"),
  };

  it("are a kubelet's by time and Docker's by number, the oldest first", async () => {
    const path = await logWith({
      ...kubelet,
      ".20260103-000000.gz": "",
      ".20260104-000000.tmp": "",
      "x.20260101-000000": "",
    });
    assert.deepEqual((await listRotatedLogs(path)).map(nameOf), [
      "0.log.20260101-000000.gz",
      "0.log.20260102-000000.gz",
      "0.log.20260103-000000",
    ]);
    const other = await logWith({ "": "", ".1": "", ".2.gz": "", ".10.gz": "", ".bak": "" });
    assert.deepEqual((await listRotatedLogs(other)).map(nameOf), [
      "0.log.10.gz",
      "0.log.2.gz",
      "0.log.1",
    ]);
  });

  it("are none of a log whose directory is not there", async () => {
    assert.deepEqual(await listRotatedLogs(join(directory, "missing", "0.log")), []);
  });

  it("are read before the current one", async () => {
    assert.equal(await printed(await logWith(kubelet)), "a\nb\nc\nd\ne\nf\n");
    const path = await logWith({ ".2.gz": docker("a"), ".1": docker("b"), "": docker("c") }, "x");
    assert.equal(await printed(path), "a\nb\nc\n");
  });

  const tails: readonly [number, string][] = [
    [0, ""],
    [1, "f\n"],
    [2, "e\nf\n"],
    [4, "c\nd\ne\nf\n"],
    [5, "b\nc\nd\ne\nf\n"],
    [9, "a\nb\nc\nd\ne\nf\n"],
  ];
  for (const [tailLines, text] of tails) {
    it(`have what the current one lacks of the last ${tailLines} lines`, async () => {
      assert.equal(await printed(await logWith(kubelet), { tailLines }), text);
    });
  }

  it("are counted by the lines of one stream where one is asked for", async () => {
    const path = await logWith(kubelet);
    const look = { format: "text", timestamps: false, stream: "stdout" } as const;
    assert.equal(await printed(path, { look, tailLines: 3 }), "c\nd\nf\n");
  });

  it("give back whole what was parted by a rotation, and end what was cut off", async () => {
    const path = await logWith({ ".1": line("a1", "stdout", "P"), "": line("a2") });
    assert.equal(await printed(path), "a1a2\n");
    const cut = await logWith({ ".1": `${line("a")}${line("b").trimEnd()}`, "": line("c") });
    assert.equal(await printed(cut), "a\nb\nc\n");
  });

  it("are left out where they ended before the time wanted", async () => {
    const path = await logWith({ ".1": line("a"), ".2.gz": "", "": line("b") });
    await writeFile(`${path}.2.gz`, "damaged");
    await utimes(`${path}.2.gz`, 1, 1);
    const since = parseMoment("2026-01-01T00:00:00Z", 0, "--since");
    const warnings: unknown[] = [];
    const look = { format: "text", timestamps: false, since } as const;
    const text = await printed(path, { look, warn: (error) => warnings.push(error) });
    assert.deepEqual([text, warnings], ["a\nb\n", []]);
  });

  it("are told of where they are damaged, and the others are read", async () => {
    const path = await logWith({ ".1": line("b"), "": line("c") });
    await writeFile(`${path}.3.gz`, gzipSync(line("a".repeat(99_999))).subarray(0, 90));
    await writeFile(`${path}.2.gz`, "damaged");
    const warnings: string[] = [];
    const text = await printed(path, { warn: (error) => warnings.push(String(error)) });
    assert.ok(text.endsWith("b\nc\n"));
    assert.equal(warnings.length, 2);
    assert.match(warnings[1] ?? "", /cannot read all of ".*0\.log\.2\.gz"/);
  });

  it("lie where a link leads to", async () => {
    const path = await logWith({ ".1": line("a"), "": line("b") });
    const link = join(directory, "web_default_app.log");
    await symlink(path, link);
    assert.equal(await printed(link), "a\nb\n");
  });

  it("are not lost where two rotations follow each other quickly", {
    timeout: 60_000,
  }, async () => {
    const path = await logWith({ "": line("a") });
    const controller = new AbortController();
    const chunks: string[] = [];
    const output = memoryOutput(chunks);
    const following = printLog({ stdout: output, stderr: output }, path, {
      signal: controller.signal,
      follow: async () => true,
    });
    const until = (text: string) => waitUntil(text, () => chunks.join("") === text);
    await until("a\n");
    await writeFile(join(dirname(path), "next"), line("c"));
    await appendFile(path, line("b"));
    await rename(path, `${path}.20260101-000000`);
    await writeFile(`${path}.20260101-000001`, line("between"));
    await rename(join(dirname(path), "next"), path);
    await until("a\nb\nbetween\nc\n");
    await rm(path);
    await writeFile(path, line("d"));
    await until("a\nb\nbetween\nc\nd\n");
    controller.abort();
    await following;
  });
});

function nameOf({ path }: { readonly path: string }): string {
  return basename(path);
}

async function printed(path: string, options: Partial<PrintLogOptions> = {}): Promise<string> {
  const chunks: string[] = [];
  const output = memoryOutput(chunks);
  const { signal } = new AbortController();
  await printLog({ stdout: output, stderr: output }, path, { signal, ...options });
  return chunks.join("");
}
