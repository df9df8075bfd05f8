import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, it, type TestContext } from "node:test";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { crishCommand, crishEnvironment } from "../../support/crish.ts";
import { type LargeNode, startLargeNode } from "../../support/large-node.ts";

const MIB = 1024 * 1024;
/** What the kubelet and the runtimes allow each other. */
const USUAL_MESSAGE_BYTES = 16 * MIB;
const LIMIT_BYTES = 200_000_000;
const SIZES = [2_500, 5_000, 10_000];

interface Form {
  readonly name: string;
  readonly args: readonly string[];
  readonly isTty?: boolean;
  /** How many containers the output has. */
  count(text: string): number;
}

const lineCount = (text: string) => text.trimEnd().split("\n").length;
const FORMS: readonly Form[] = [
  { name: "table on a pipe", args: ["ps"], count: (text) => lineCount(text) - 1 },
  {
    name: "table on a terminal",
    args: ["ps"],
    isTty: true,
    count: (text) => lineCount(text) - 1,
  },
  {
    name: "json",
    args: ["ps", "-o", "json"],
    count: (text) => JSON.parse(text).containers.length,
  },
  { name: "jsonl", args: ["ps", "-o", "jsonl"], count: lineCount },
];

/** A list that is larger than a message, from a server with the calls for parts and from one without. */
for (const hasStreams of [true, false]) {
  const title = hasStreams ? "that come in parts" : "that come in one large message";
  describe(`lists of up to 10,000 containers ${title}`, () => {
    const cleanup = cleanupAfter();

    it("are printed whole, within 200 MB", async (test) => {
      for (const containers of hasStreams ? SIZES : SIZES.slice(-1)) {
        const limit = hasStreams ? { maxMessageBytes: USUAL_MESSAGE_BYTES } : {};
        const node = await startLargeNode(cleanup, { containers, hasStreams, ...limit });
        assert.ok(containers < 10_000 || node.listBytes > USUAL_MESSAGE_BYTES);
        for (const form of FORMS) {
          const { elapsedMs, peakBytes, text } = await measure(node, form);
          report(test, `${containers} ${form.name}`, { elapsedMs, peakBytes });
          assert.equal(form.count(text), containers, form.name);
          // Under Node from the sources it is another program's memory.
          if (!isFromSources()) assert.ok(peakBytes < LIMIT_BYTES, `${form.name}: ${peakBytes}`);
        }
        const asked = new Set(node.calls);
        assert.equal(asked.has("streamContainers"), hasStreams && containers === 10_000);
      }
    });
  });
}

async function measure(node: LargeNode, { args, isTty = false }: Form) {
  const startedAt = performance.now();
  const { command, args: before } = crishCommand();
  const words = [...before, "-r", node.endpoint, ...args];
  const env = crishEnvironment({ COLUMNS: "120", TERM: "dumb" });
  const line = `exec ${[command, ...words].map((word) => `'${word}'`).join(" ")}`;
  const child = isTty
    ? spawn("script", ["-qefc", line, "/dev/null"], { env: { ...env, SHELL: "/bin/sh" } })
    : spawn(command, words, { env });
  child.stdin?.end();
  let peakBytes = 0;
  const look = () => {
    peakBytes = Math.max(peakBytes, peakOf(isTty ? firstChild(child) : child.pid));
  };
  const timer = setInterval(look, 5);
  const [text, error] = await Promise.all([textOf(child.stdout), textOf(child.stderr)]);
  const status = child.exitCode ?? (await new Promise((resolve) => child.once("close", resolve)));
  clearInterval(timer);
  assert.deepEqual([status, error], [0, ""]);
  return { elapsedMs: performance.now() - startedAt, peakBytes, text };
}

async function textOf(stream: ChildProcess["stdout"]): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream ?? []) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString().replaceAll("\r", "");
}

/** The most that the process has had in memory so far; 0 where it is gone. */
function peakOf(pid: number | undefined): number {
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`))?.[1];
  return Number(kilobytes ?? 0) * 1024;
}

function firstChild({ pid }: ChildProcess): number | undefined {
  const [child] = read(`/proc/${pid}/task/${pid}/children`).split(" ");
  return child === undefined || child === "" ? undefined : Number(child);
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function isFromSources(): boolean {
  return crishCommand().args.length > 0;
}

function report(
  test: TestContext,
  what: string,
  { elapsedMs, peakBytes }: { elapsedMs: number; peakBytes: number },
): void {
  const megabytes = Math.round(peakBytes / 1_000_000);
  test.diagnostic(`${what}: ${Math.round(elapsedMs)} ms, ${megabytes} MB`);
}
