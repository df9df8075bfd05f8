import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { StatusError } from "../../../src/errors/status-error.ts";
import { dialExec } from "../../../src/streaming/dial-exec.ts";
import { leanExec } from "../../../src/streaming/lean/lean-exec.ts";
import { encodeFrame } from "../../../src/streaming/spdy/encode-frame.ts";
import type { SpdyFrame } from "../../../src/streaming/spdy/frame.ts";
import { createHeaderCompressor } from "../../../src/streaming/spdy/header-compression.ts";
import { seededRandom } from "../../support/seeded-random.ts";
import {
  control,
  data,
  ERROR,
  reply,
  reset,
  type SpdyServer,
  STDERR,
  STDOUT,
  startSpdyServer,
  switching,
  u32,
} from "../../support/spdy-server.ts";
import type { TestCase } from "../../support/test-case.ts";
import { execRequest } from "./exec-request.ts";
import { outputRecord } from "./output-record.ts";

const REQUEST = execRequest([]);
const STREAMS = [ERROR, STDOUT, STDERR] as const;
const STATUSES = [
  '{"metadata":{},"status":"Success"}',
  '{"status":"Failure","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"7"}]}}',
  '{"status":"Failure","message":"exec: executable file not found","code":500}',
  '{"status":"Failure","message":"größer","code":412}',
  '{"status":"Failure","message":"permission denied"}',
  '{"status":"Failure","reason":"NonZeroExitCode"}',
  "{}",
  "7",
  '{"status":',
  "no JSON at all",
  "",
];
const PROTOCOLS = ["v5.channel.k8s.io", "v4.channel.k8s.io", "v3.channel.k8s.io", ""];

interface Conversation {
  readonly head: Buffer;
  /** Sent once the client has opened its streams. */
  readonly answers: Buffer;
  /** Sent once the client has seen those. */
  readonly rest: Buffer;
  readonly partBytes: number;
}

function createDice(random: () => number) {
  return {
    random,
    pick: <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T,
    /** True once in that many times. */
    seldom: (times: number) => random() * times < 1,
  };
}

/** What a server says, mostly right: with a seed out of `random` it is the same again. */
function createConversation(random: () => number): Conversation {
  const dice = createDice(random);
  const { pick, seldom } = dice;
  const compress = createHeaderCompressor();
  const bytes = (frames: readonly (SpdyFrame | Buffer)[]) =>
    Buffer.concat(
      frames.map((frame) => (Buffer.isBuffer(frame) ? frame : encodeFrame(frame, compress))),
    );
  const noise = createNoise(dice);
  const between = (frames: readonly (SpdyFrame | Buffer)[]) =>
    frames.flatMap((frame) => (seldom(4) ? [noise(), frame] : [frame]));
  const opening = [...STREAMS]
    .sort(() => random() - 0.5)
    .map((streamId): SpdyFrame => (seldom(30) ? reset(streamId, pick([3, 5])) : reply(streamId)));
  const output = Array.from({ length: Math.floor(random() * 8) }, () =>
    data(pick([STDOUT, STDERR]), Buffer.alloc(Math.floor(random() ** 4 * 100_000), random() * 256)),
  );
  const status = Buffer.from(pick(STATUSES));
  const cut = Math.floor(random() * status.length);
  const ending = [
    ...(seldom(2) ? [data(STDOUT, "", true), data(STDERR, "", true)] : []),
    data(ERROR, status.subarray(0, cut)),
    data(ERROR, status.subarray(cut), seldom(2)),
  ];
  return {
    head: switching(pick(PROTOCOLS)),
    answers: bytes(between(seldom(30) ? opening.slice(1) : opening)),
    rest: bytes(between([...output, ...(seldom(20) ? [] : ending)])),
    partBytes: pick([1_000_000, 65_536, 1000, 13]),
  };
}

/** Frames that are right and beside the point; one in twelve has a chance to be wrong. */
function createNoise({ random, pick, seldom }: ReturnType<typeof createDice>) {
  let peerStreamId = 0;
  return (): SpdyFrame | Buffer => {
    const streamId = pick(STREAMS);
    switch (Math.floor(random() * (seldom(12) ? 15 : 8))) {
      case 0:
        return { type: "ping", id: Math.floor(random() * 100) };
      case 1:
        return { type: "settings", entries: [{ id: pick([4, 7]), value: 65_536 }] };
      case 2:
        return { type: "window-update", streamId: pick([0, streamId]), deltaBytes: 4096 };
      case 3:
        return control(pick([5, 10, 4000]), Buffer.alloc(Math.floor(random() * 100)));
      case 4:
        return { type: "goaway", lastStreamId: 5, status: pick([0, 1]) };
      case 5:
        peerStreamId += 2;
        return synStream(peerStreamId);
      case 6:
        return data(peerStreamId === 0 ? STDERR : peerStreamId, "");
      case 7:
        return { type: "headers", streamId, fin: false, headers: new Map([["a", "b"]]) };
      case 8:
        return reset(streamId, pick([1, 3, 5]));
      case 9:
        return data(pick([0, 7, 8, 999]), "stray");
      case 10:
        return control(pick([3, 4, 6, 7, 9]), u32(1));
      case 11:
        return control(6, u32(2), { version: pick([0, 2, 4]) });
      case 12:
        // Of the client's numbers, or one that was used.
        return synStream(pick([1, peerStreamId, 9]));
      case 13:
        return control(2, u32(1), { lengthBytes: 70_000 });
      default:
        return data(streamId, "", true);
    }
  };
}

function synStream(streamId: number): SpdyFrame {
  const headers = new Map([["streamtype", "x"]]);
  return { type: "syn-stream", streamId, fin: false, unidirectional: false, headers };
}

/** What comes of an exec with that server: its end and its output. */
async function endOf(
  server: SpdyServer,
  { head, answers, rest, partBytes }: Conversation,
  exec: (out: ReturnType<typeof outputRecord>) => Promise<{ exitCode: number }>,
): Promise<object> {
  const out = outputRecord();
  const running = exec(out);
  running.catch(() => undefined);
  const peer = await server.accept();
  await peer.request();
  peer.send(head);
  for (const _ of STREAMS) await peer.next("syn-stream");
  for (const bytes of [answers, rest]) {
    for (let at = 0; at < bytes.length && !peer.isClosed; at += partBytes) {
      peer.socket.write(bytes.subarray(at, at + partBytes));
      if (partBytes < 100 && at % 130 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  }
  peer.socket.end();
  const end = await running.catch((error: unknown) => {
    if (!(error instanceof StatusError)) throw error;
    return { code: error.code, message: error.message };
  });
  await peer.closed();
  return { end, stdout: out.digest("stdout"), stderr: out.digest("stderr") };
}

export const CASES: readonly TestCase[] = [
  {
    title: "end as one in 400 conversations, with the same output",
    async run(cleanup) {
      const server = await startSpdyServer(cleanup);
      const { signal } = new AbortController();
      const ends = new Map<string, number>();
      for (let seed = 1; seed <= 400; seed++) {
        const conversation = createConversation(seededRandom(seed));
        const lean = await endOf(server, conversation, ({ write }) =>
          leanExec(server.url, REQUEST, { write, signal }, 5_000),
        );
        const full = await endOf(server, conversation, ({ write }) => {
          const sink = (channel: "stdout" | "stderr") =>
            new Writable({
              write: (chunk, _encoding, done) =>
                void write(channel, chunk).then(() => done(), done),
            });
          const io = { stdout: sink("stdout"), stderr: sink("stderr"), signal };
          return dialExec(server.url, REQUEST, io, { connectTimeoutMs: 5_000 });
        });
        assert.deepEqual(lean, full, `seed ${seed}`);
        const { end } = lean as { end: { code?: string } };
        ends.set(end.code ?? "ended", (ends.get(end.code ?? "ended") ?? 0) + 1);
      }
      // Else the conversations would say little.
      for (const kind of ["ended", "Unavailable", "Internal", "NotFound", "Unknown"]) {
        assert.ok((ends.get(kind) ?? 0) > 5, `${kind}: ${ends.get(kind)}`);
      }
    },
  },
];
