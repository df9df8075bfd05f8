import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  createLogDecoder,
  type LogFilter,
  type LogSegment,
} from "../../../../src/cli/logs/log-decoder.ts";
import { parseSince } from "../../../../src/cli/logs/parse-since.ts";

const AT = "2026-01-02T03:04:05.123456789+00:00";
const SHORT = "2026-01-02T03:04:05.1Z";

interface Decoded {
  /** `o:` and `e:` before what each stream got, in order. */
  readonly inOrder: string;
  readonly stdout: string;
  readonly stderr: string;
}

function decode(lines: string, filter: LogFilter, chunkBytes = 1 << 20): Decoded {
  const decoder = createLogDecoder(filter);
  const bytes = Buffer.from(lines);
  const decoded = { inOrder: "", stdout: "", stderr: "" };
  const take = (segments: readonly LogSegment[]) => {
    for (const segment of segments) {
      const text = Buffer.from(segment.bytes).toString();
      decoded.inOrder += `${segment.stream.charAt(3)}:${text}`;
      decoded[segment.stream] += text;
    }
  };
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    take(decoder.push(bytes.subarray(at, at + chunkBytes)));
  }
  take(decoder.finish());
  return decoded;
}

const docker = (log: string, stream = "stdout") =>
  `${JSON.stringify({ log, stream, time: "2026-01-02T03:04:05.5Z" })}\n`;

const CASES: readonly [title: string, input: string, filter: LogFilter, output: string][] = [
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
    "o:ae:x\no:b\n",
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
    { since: parseSince("2026-01-02T01:00:00Z", 0) },
    "o:new\n",
  ],
  [
    "minds the offset of a timestamp",
    "2026-01-02T01:30:00+01:00 stdout F a\n2026-01-02T00:30:00-01:00 stdout F b\n",
    { since: parseSince("2026-01-02T01:00:00Z", 0) },
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
    "takes JSON that a container printed for a bad line",
    '{"level":"info"}\n',
    {},
    'o:{"level":"info"}\n',
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
    it(title, () => {
      const whole = decode(input, filter);
      assert.equal(whole.inOrder, output);
      for (const chunkBytes of [1, 7, 64]) {
        const { stdout, stderr } = decode(input, filter, chunkBytes);
        assert.deepEqual([stdout, stderr], [whole.stdout, whole.stderr]);
      }
    });
  }
});
