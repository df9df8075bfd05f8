import assert from "node:assert/strict";
import { closeSync, openSync } from "node:fs";
import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { LineDecoder } from "../../../../src/cli/logs/kernel/line-decoder.ts";
import type { LogOutput } from "../../../../src/cli/logs/output-buffers.ts";
import { parseMoment } from "../../../../src/cli/logs/parse-moment.ts";
import { type LogLook, printLog } from "../../../../src/cli/logs/print-log.ts";
import { seededRandom } from "../../../support/seeded-random.ts";

type Random = ReturnType<typeof seededRandom>;

const LOGS = 150;
const LOOKS_PER_LOG = 4;
const moment = (text: string) => parseMoment(text, 0, "--since");

describe("printing whole lines with the kernel", () => {
  let directory = "";
  let path = "";
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "crish-by-line-"));
    path = join(directory, "0.log");
  });
  after(() => rm(directory, { recursive: true, force: true }));

  /** What goes to each of two places, or what comes in order to one. */
  async function printed(look: LogLook, way: "kernel" | "cursor", isShared: boolean) {
    const texts = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
    const fds = [openSync("/dev/null", "w"), openSync(path, "r")];
    const output = (stream: "stdout" | "stderr", fd: number | undefined): LogOutput => ({
      fd,
      color: false,
      write: async (bytes) => void texts[stream].push(Buffer.from(bytes as Uint8Array)),
    });
    const isKernel = way === "kernel";
    const stdout = output("stdout", isKernel ? fds[0] : undefined);
    const apart = output(isShared ? "stdout" : "stderr", isKernel ? fds[1] : undefined);
    const stderr = isShared && isKernel ? stdout : apart;
    const signal = new AbortController().signal;
    await printLog({ stdout, stderr }, path, { look, signal });
    for (const fd of fds) closeSync(fd);
    const toText = (chunks: Buffer[]) => Buffer.concat(chunks).toString("latin1");
    return { stdout: toText(texts.stdout), stderr: toText(texts.stderr) };
  }

  async function assertSame(look: LogLook, title: string): Promise<void> {
    for (const isShared of [false, true]) {
      const [fast, slow] = [
        await printed(look, "kernel", isShared),
        await printed(look, "cursor", isShared),
      ];
      for (const stream of ["stdout", "stderr"] as const) {
        if (fast[stream] === slow[stream]) continue;
        const at = [...fast[stream]].findIndex((each, index) => each !== slow[stream][index]);
        const around = (text: string) => text.slice(Math.max(0, at - 80), at + 120);
        assert.equal(around(fast[stream]), around(slow[stream]), `${title}, ${stream} at ${at}`);
        assert.equal(fast[stream].length, slow[stream].length, `${title}, ${stream}`);
      }
    }
  }

  for (const seed of Array.from({ length: LOGS }, (_, index) => index + 1)) {
    it(`prints what the cursor prints of a log by chance (${seed})`, async () => {
      const random = seededRandom(seed);
      await writeFile(path, Buffer.from(randomLog(random), "latin1"));
      for (let count = 0; count < LOOKS_PER_LOG; count++) {
        const look = randomLook(random);
        await assertSame(look, JSON.stringify({ ...look, pattern: String(look.pattern) }));
      }
    });
  }

  it("compares times by nine digits, in whatever zone they are written", async () => {
    const log = [
      "2026-01-02T03:04:05.1Z stdout F a",
      "2026-01-02T03:04:05.10000001Z stdout F b",
      "2026-01-02T05:04:05.100000009+02:00 stdout F c",
      "2026-01-02T03:04:05.100000011Z stdout F d",
      "2026-01-02T02:34:05.100000012-00:30 stdout F e",
      "2026-01-02T03:04:06Z stdout F f",
    ];
    await writeFile(path, `${log.join("\n")}\n`);
    const print = async (since: string, until?: string) => {
      const look: LogLook = {
        format: "text",
        timestamps: false,
        since: moment(since),
        until: until === undefined ? undefined : moment(until),
      };
      await assertSame(look, since);
      return (await printed(look, "kernel", true)).stdout.replaceAll("\n", "");
    };
    assert.equal(await print("2026-01-02T03:04:05.10000001Z"), "bdef");
    assert.equal(await print("2026-01-02T03:04:05.100000009Z"), "bcdef");
    assert.equal(await print("2026-01-02T03:04:05Z", "2026-01-02T03:04:05.100000011Z"), "abcd");
    assert.equal(await print("2026-01-02T03:04:06Z"), "f");
    assert.equal(await print("2027-01-01"), "");
  });

  it("follows what is appended, a line in two pieces and one in parts too", async () => {
    const stamp = "2026-01-02T03:04:05.5Z";
    const shown = "2026-01-02T03:04:05.500000000Z";
    await writeFile(path, `${stamp} stdout F a\n${stamp} stdo`);
    const pieces = [
      `ut F b\n`,
      `${stamp} stderr P c`,
      `\n${stamp} stdout F d\n`,
      `${stamp} stderr F e\n`,
    ];
    const fd = openSync("/dev/null", "w");
    let text = "";
    const write = async (bytes: string | Uint8Array) => {
      text += Buffer.from(bytes as Uint8Array).toString();
    };
    const stdout: LogOutput = { fd, color: false, write };
    await printLog({ stdout, stderr: stdout }, path, {
      look: { format: "text", timestamps: true },
      signal: new AbortController().signal,
      followCheckMs: 20,
      follow: async () => {
        const piece = pieces.shift();
        if (piece !== undefined) await appendFile(path, piece);
        return piece !== undefined;
      },
    });
    closeSync(fd);
    assert.equal(text.replaceAll(shown, "T"), "T a\nT b\nT d\nT ce\n");
  });

  it("is not there for times that are written with more than four digits of a year", () => {
    const options = { isShared: true, timestamps: false };
    assert.ok(LineDecoder.create({ ...options, since: moment("2026-01-01") }));
    assert.equal(LineDecoder.create({ ...options, since: { seconds: 1e12, nanos: 0 } }), undefined);
  });

  it("prints lines longer than all its memory, and what follows them", async () => {
    const long = "long".repeat(700_000);
    const line = (tag: string, text: string) => `2026-01-02T03:04:05.5Z stdout ${tag} ${text}\n`;
    const log = line("F", "a") + line("F", long) + line("P", long) + line("F", "b") + long;
    await writeFile(path, log);
    await assertSame({ format: "text", timestamps: true }, "long lines");
    await appendFile(path, `\n${line("F", "end")}`);
    await assertSame({ format: "text", timestamps: true, pattern: /end|a/ }, "long lines");
  });
});

const WORDS = [
  "error",
  "panic: ",
  "served in good time ",
  "é",
  "\xff\xfe",
  "2026",
  "stdout F ",
  "\0",
  "\r",
];
const PATTERNS = [
  /panic/,
  /error|panic/,
  /^served/,
  /error.*panic/,
  /\d+$/,
  /x+(a|b)/,
  /2026/,
  /^$/,
  /\r/,
];
const ZONES = ["Z", "+00:00", "+01:00", "-00:30"];

function pick<T>(random: Random, values: readonly T[]): T {
  return values[Math.floor(random() * values.length)] as T;
}

/** Mostly plain entries, of a mood that says how many are not. */
function randomLog(random: Random): string {
  const oddity = pick(random, [0, 0.02, 0.3]);
  const zoneMood = pick(random, [0, 0.1]);
  let zone = pick(random, ZONES);
  let log = "";
  const lines = Math.floor(random() * 3000);
  let seconds = 0;
  for (let index = 0; index < lines; index++) {
    seconds += random() < 0.1 ? -3 : random() * 2;
    if (random() < zoneMood) zone = pick(random, ZONES);
    const stamp = randomStamp(random, Math.max(0, seconds), zone);
    const stream = pick(random, ["stdout", "stdout", "stderr"]);
    const text = randomText(random);
    log +=
      random() < oddity ? randomOdd(random, stamp, stream, text) : `${stamp} ${stream} F ${text}\n`;
  }
  return random() < 0.3 ? log.slice(0, -1 - Math.floor(random() * 40)) : log;
}

function randomStamp(random: Random, seconds: number, zone: string): string {
  const offset = zone === "+01:00" ? 3600 : zone === "-00:30" ? -1800 : 0;
  const date = new Date(Date.UTC(2026, 0, 2) + (Math.floor(seconds) + offset) * 1000);
  const digits = pick(random, [9, 9, 9, 8, 7, 3, 1, 0, 12]);
  const fraction = String(Math.floor(random() * 1e12))
    .padStart(12, "0")
    .slice(0, digits);
  return `${date.toISOString().slice(0, 19)}${digits === 0 ? "" : "."}${fraction}${zone}`;
}

function randomText(random: Random): string {
  const count = Math.floor(random() ** 3 * 12);
  let text = "";
  for (let index = 0; index < count; index++) text += pick(random, WORDS);
  if (random() < 0.002) text = text.repeat(Math.floor(random() * 20_000));
  return random() < 0.05 ? `${text}\r` : text;
}

function randomOdd(random: Random, stamp: string, stream: string, text: string): string {
  switch (Math.floor(random() * 8)) {
    case 0:
      return `${text}\n`;
    case 1:
      return `${JSON.stringify({ log: `${text}\n`, stream, time: stamp })}\n`;
    case 2:
      return `${stamp} ${stream} F:x=1 ${text}\n`;
    case 3:
      return `${stamp} ${stream} F\n`;
    case 4:
      return `${stamp.slice(0, 12)}\n`;
    case 5:
      return `${stamp.replace("-", "/")} ${stream} F ${text}\n`;
    default:
      return `${stamp} ${stream} P ${text}\n`;
  }
}

function randomLook(random: Random): LogLook {
  const maybe = <T>(value: T) => (random() < 0.5 ? value : undefined);
  const at = () => moment(new Date(Date.UTC(2026, 0, 2) + random() * 3_000_000).toISOString());
  const since = maybe(at());
  return {
    format: "text",
    // Without any of these the text alone is wanted, and is passed on as it comes.
    timestamps: since === undefined || random() < 0.6,
    since,
    until: random() < 0.3 ? at() : undefined,
    stream: random() < 0.3 ? pick(random, ["stdout", "stderr"] as const) : undefined,
    pattern: maybe(pick(random, PATTERNS)),
  };
}
