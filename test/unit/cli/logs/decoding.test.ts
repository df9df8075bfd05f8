import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createPlainDecoder } from "../../../../src/cli/logs/kernel/plain-decoder.ts";
import { LineCursor } from "../../../../src/cli/logs/line-cursor.ts";
import type { LogStream } from "../../../../src/cli/logs/log-entry.ts";
import type { LogTime } from "../../../../src/cli/logs/log-time.ts";
import { OutputBuffers } from "../../../../src/cli/logs/output-buffers.ts";
import { parseMoment } from "../../../../src/cli/logs/parse-moment.ts";
import { createTextPrinter } from "../../../../src/cli/logs/text-printer.ts";
import { memoryOutput } from "../../../support/memory-session.ts";

const AT = "2026-01-02T03:04:05.123456789+00:00";
const SHORT = "2026-01-02T03:04:05.1Z";

interface Filter {
  readonly since?: LogTime;
  readonly until?: LogTime;
  readonly stream?: LogStream;
  readonly timestamps?: boolean;
  readonly limitBytes?: number;
}

interface Decoded {
  readonly stdout: string;
  readonly stderr: string;
}

/** Gives a log piece by piece, as reading a file does. */
function feed(log: string, chunkBytes: number): (target: Uint8Array) => number {
  const bytes = Buffer.from(log.endsWith("\n") || log === "" ? log : `${log}\n`, "latin1");
  let at = 0;
  return (target) => {
    const chunk = bytes.subarray(at, at + Math.min(chunkBytes, target.length));
    target.set(chunk);
    at += chunk.length;
    return chunk.length;
  };
}

function decodePlainly(log: string, stream?: LogStream, chunkBytes = 1 << 20): Decoded {
  const decoder = createPlainDecoder({ stream, isShared: false });
  assert.ok(decoder, "this processor lacks the instructions");
  const read = feed(log, chunkBytes);
  const decoded = { stdout: "", stderr: "" };
  for (let count = read(decoder.input); count > 0; count = read(decoder.input)) {
    const text = decoder.decode(count);
    decoded.stdout += Buffer.from(text.stdout).toString("latin1");
    decoded.stderr += Buffer.from(text.stderr).toString("latin1");
  }
  return decoded;
}

async function decodeLines(
  log: string,
  filter: Filter,
  chunkBytes = 1 << 20,
): Promise<Decoded & { readonly inOrder: string }> {
  const read = feed(log, chunkBytes);
  const decoded = { inOrder: "", stdout: "", stderr: "" };
  const outputOf = (stream: LogStream) =>
    memoryOutput([], {
      write: async (bytes) => {
        const text = Buffer.from(bytes as Uint8Array).toString("latin1");
        decoded.inOrder += `${stream.charAt(3)}:${text}`;
        decoded[stream] += text;
      },
    });
  const output = new OutputBuffers({ stdout: outputOf("stdout"), stderr: outputOf("stderr") });
  const printer = createTextPrinter(output, {
    timestamps: false,
    colorOn: { stdout: false, stderr: false },
    ...filter,
  });
  const cursor = new LineCursor(filter);
  const origin = { namespace: "", pod: "", container: "" };
  do {
    while (!printer.isDone && cursor.next()) printer.print(cursor.line, origin);
  } while (await cursor.fill(async (target) => read(target)));
  while (cursor.nextUnfinished()) printer.print(cursor.line, origin);
  await output.flush();
  return decoded;
}

const docker = (log: string, stream = "stdout") =>
  `${JSON.stringify({ log, stream, time: "2026-01-02T03:04:05.5Z" })}\n`;

const CASES: readonly [title: string, input: string, filter: Filter, output: string][] = [
  ["gives each stream its text", `${AT} stdout F a\n${AT} stderr F b\n`, {}, "o:a\ne:b\n"],
  [
    "keeps blanks and empty lines",
    `${AT} stdout F  a b \n${AT} stdout F \n${AT} stdout F\n`,
    {},
    "o: a b \n\n\n",
  ],
  [
    "joins the parts of a line",
    `${AT} stdout P a\n${AT} stdout P b\n${AT} stdout F c\n`,
    {},
    "o:abc\n",
  ],
  [
    "joins parts between which the other stream speaks",
    `${AT} stdout P a\n${AT} stderr F x\n${AT} stdout F b\n`,
    {},
    "e:x\no:ab\n",
  ],
  ["leaves an unfinished line without a newline", `${AT} stdout P $ \n`, {}, "o:$ "],
  [
    "takes timestamps of any length, with Z or an offset",
    `${SHORT} stdout F a\n${AT} stdout F b\n2026-01-02T03:04:05Z stderr F c\n`,
    {},
    "o:a\nb\ne:c\n",
  ],
  ["takes further tags", `${AT} stdout F:x=1 a\n`, {}, "o:a\n"],
  [
    "shows a line of no format as it is",
    `${AT} stdout F a\nnonsense\n\n${AT} stdfoo F b\n${AT} stdout X c\n`,
    {},
    `o:a\nnonsense\n\n${AT} stdfoo F b\n${AT} stdout X c\n`,
  ],
  [
    "is not misled by a line cut off inside its timestamp",
    `2026-01-02T03:\n${AT} stdout F a\n`,
    {},
    "o:2026-01-02T03:\na\n",
  ],
  ["shows a last line without newline", `${AT} stdout F a`, {}, "o:a\n"],
  ["picks one stream", `${AT} stdout F a\n${AT} stderr F b\n`, { stream: "stderr" }, "e:b\n"],
  [
    "prefixes nine digits, at true line starts only",
    `${SHORT} stdout P a\n${AT} stdout F b\n${SHORT} stdout F c\n`,
    { timestamps: true },
    "o:2026-01-02T03:04:05.100000000Z ab\n2026-01-02T03:04:05.100000000Z c\n",
  ],
  [
    "leaves out what is older, whole lines at a time",
    `2026-01-02T00:00:00Z stdout P old\n${AT} stdout F er\n${AT} stdout F new\n`,
    { since: parseMoment("2026-01-02T01:00:00Z", 0, "--since") },
    "o:new\n",
  ],
  [
    "minds the offset of a timestamp",
    "2026-01-02T01:30:00+01:00 stdout F a\n2026-01-02T00:30:00-01:00 stdout F b\n",
    { since: parseMoment("2026-01-02T01:00:00Z", 0, "--since") },
    "o:b\n",
  ],
  [
    "stops at a number of bytes over both streams",
    `${AT} stdout F abc\n${AT} stderr F def\n${AT} stdout F x\n`,
    { limitBytes: 6 },
    "o:abc\ne:de",
  ],
  ["reads Docker's json-file", docker("a\n") + docker("b\n", "stderr"), {}, "o:a\ne:b\n"],
  [
    "joins the parts of json-file",
    docker("a") + docker("b\n"),
    { timestamps: true },
    "o:2026-01-02T03:04:05.500000000Z ab\n",
  ],
  [
    "reads json-file's escapes, and entries with more in them than Docker's own",
    `${docker('q "x" \\\\ \t/ \u0001 Ã©\n')}{"log":"b\\u0041\\n","attrs":{},"stream":"stderr","time":"${SHORT}"}\n`,
    {},
    'o:q "x" \\\\ \t/ \u0001 Ã©\ne:bA\n',
  ],
  [
    "takes JSON that a container printed for a bad line",
    '{"level":"info"}\n',
    {},
    'o:{"level":"info"}\n',
  ],
  [
    "leaves out what is newer",
    `${SHORT} stdout F a\n2026-01-02T04:00:00Z stdout F b\n`,
    { until: parseMoment("2026-01-02T03:30:00Z", 0, "--until") },
    "o:a\n",
  ],
  [
    "keeps bytes that are no text",
    `${AT} stdout F a\0\xff\xfe\r\n${AT} stdout F \xc3\x28\r\n`,
    {},
    "o:a\0\xff\xfe\r\n\xc3\x28\r\n",
  ],
  [
    "takes a line of nothing but a header's begin for what it is",
    `2026-01-02T03:04:05Z stdout\n2026-01-02T03:04:05Z stdout F\n`,
    {},
    "o:2026-01-02T03:04:05Z stdout\n\n",
  ],
  [
    "takes a timestamp longer than any for what it is",
    `2026-01-02T03:04:05.123456789012345678901234567890Z stdout F a\n`,
    {},
    "o:2026-01-02T03:04:05.123456789012345678901234567890Z stdout F a\n",
  ],
  [
    "copies long lines whole",
    `${AT} stdout F ${"long".repeat(3000)}\n`,
    {},
    `o:${"long".repeat(3000)}\n`,
  ],
];

describe("decoding a container log", () => {
  for (const [title, input, filter, output] of CASES) {
    it(title, async () => {
      const { inOrder, ...ofStreams } = await decodeLines(input, filter);
      assert.equal(inOrder, output);
      for (const chunkBytes of [1, 7, 64]) {
        assert.equal((await decodeLines(input, filter, chunkBytes)).inOrder, output);
      }
      const { stream, ...others } = filter;
      if (Object.keys(others).length > 0) return;
      for (const chunkBytes of [1, 7, 64, 1 << 20]) {
        assert.deepEqual(decodePlainly(input, stream, chunkBytes), ofStreams);
      }
    });
  }

  it("decodes what the kernel leaves at any place of its memory", () => {
    const lines = Array.from({ length: 30_000 }, (_, index) =>
      index % 7 === 0
        ? `odd ${index}\n`
        : index % 5 === 0
          ? docker(`json ${"é".repeat(index % 40)}${index}\n`, index % 2 ? "stderr" : "stdout")
          : `${AT} ${index % 3 ? "stdout" : "stderr"} ${index % 11 ? "F" : "P"} ${"x".repeat(index % 90)}\n`,
    ).join("");
    const whole = decodePlainly(lines);
    for (const chunkBytes of [65_536, 262_144, 99_991]) {
      assert.deepEqual(decodePlainly(lines, undefined, chunkBytes), whole);
    }
  });

  it("passes on a line that is longer than its memory, in either format and in none", () => {
    const long = "long".repeat(400_000);
    const log = `${AT} stderr F ${long}\n${long}\n${AT} stdout P ${long}\n${AT} stdout F end\n`;
    assert.deepEqual(decodePlainly(log), {
      stdout: `${long}\n${long}end\n`,
      stderr: `${long}\n`,
    });
  });

  it("gives a line that is longer than a piece in pieces, once begun and once ended", async () => {
    const long = "long".repeat(600_000);
    const log = `${AT} stderr F ${long}\n${AT} stdout P ${long}\n${AT} stderr F x\n${AT} stdout F end\n`;
    const stamp = "2026-01-02T03:04:05.123456789+00:00";
    const printed = await decodeLines(log, { timestamps: true });
    assert.equal(printed.stderr, `${stamp} ${long}\n${stamp} x\n`);
    assert.equal(printed.stdout, `${stamp} ${long}end\n`);
  });
});
