import assert from "node:assert/strict";
import { once } from "node:events";
import { type Duplex, duplexPair } from "node:stream";
import { describe, it } from "node:test";
import { StatusError } from "../../../src/errors/status-error.ts";
import { encodeFrame } from "../../../src/streaming/spdy/encode-frame.ts";
import type { SpdyFrame } from "../../../src/streaming/spdy/frame.ts";
import { createFrameDecoder } from "../../../src/streaming/spdy/frame-decoder.ts";
import { createHeaderCompressor } from "../../../src/streaming/spdy/header-compression.ts";
import { SpdySession } from "../../../src/streaming/spdy/session.ts";
import type { SpdyStream } from "../../../src/streaming/spdy/stream.ts";

/** Two sessions of ours; the server accepts all streams and hands them out in order. */
function sessions() {
  const [left, right] = duplexPair();
  const accepted: SpdyStream[] = [];
  const onStream = (stream: SpdyStream): void => {
    stream.on("error", () => {});
    stream.accept();
    accepted.push(stream);
  };
  const server = new SpdySession(right, { role: "server", onStream });
  const client = new SpdySession(left, { role: "client" });
  return { client, server, accepted, transport: left };
}

/** A session of ours and, on the other side, a peer that is only frames. */
function rawPeer(role: "client" | "server", onStream?: (stream: SpdyStream) => void) {
  const [ours, theirs] = duplexPair();
  const session = new SpdySession(ours, { role, ...(onStream === undefined ? {} : { onStream }) });
  const frames: SpdyFrame[] = [];
  const decoder = createFrameDecoder();
  const peer: Duplex = theirs;
  peer.on("data", (chunk: Buffer) => frames.push(...decoder.decode(chunk)));
  const compress = createHeaderCompressor();
  const send = (frame: SpdyFrame): void => {
    peer.write(encodeFrame(frame, compress));
  };
  return { session, peer, frames, send, ours };
}

/** Reads to the end and, unlike an async iteration, leaves the writable half open. */
async function text(stream: SpdyStream): Promise<string> {
  let all = "";
  stream.on("data", (chunk: Buffer) => {
    all += chunk.toString();
  });
  if (!stream.readableEnded) await once(stream, "end");
  return all;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const turns = async (count = 10): Promise<void> => {
  for (let index = 0; index < count; index++) await turn();
};
const reply = (streamId: number): SpdyFrame => {
  return { type: "syn-reply", streamId, fin: false, headers: new Map() };
};
const dataBytes = (frames: SpdyFrame[], streamId: number): number =>
  frames
    .filter((frame) => frame.type === "data" && frame.streamId === streamId)
    .reduce((sum, frame) => sum + (frame.type === "data" ? frame.data.length : 0), 0);

describe("SPDY session", () => {
  it("closes each half of a stream by itself", async () => {
    const { client, accepted } = sessions();
    const stream = client.open(new Map([["streamtype", "data"]]));
    await stream.opened;
    stream.end("question");
    const [other] = accepted;
    assert.ok(other);
    assert.equal(await text(other), "question");
    other.end("answer");
    assert.equal(await text(stream), "answer");
    client.close();
    assert.equal(await client.closed, undefined);
  });

  it("ends its half in one frame with the last data, or with the opening", async () => {
    const { session, send, frames } = rawPeer("client");
    const stream = session.open(new Map());
    session.open(new Map(), { fin: true });
    send(reply(1));
    await turns();
    stream.write("first");
    stream.end("last");
    await once(stream, "finish");
    assert.deepEqual(
      frames
        .filter(({ type }) => type === "syn-stream")
        .map((frame) => "fin" in frame && frame.fin),
      [false, true],
    );
    const data = frames.filter((frame) => frame.type === "data");
    assert.deepEqual(
      data.map((frame) => [frame.streamId, frame.data.toString(), frame.fin]),
      [
        [1, "first", false],
        [1, "last", true],
      ],
    );
  });

  it("ends its half by itself where the last data was sent before", async () => {
    const { session, send, frames } = rawPeer("client");
    const stream = session.open(new Map());
    send(reply(1));
    stream.write("all");
    await turns();
    stream.end();
    await once(stream, "finish");
    const data = frames.filter((frame) => frame.type === "data");
    assert.deepEqual(
      data.map(({ data: { length }, fin }) => [length, fin]),
      [
        [3, false],
        [0, true],
      ],
    );
  });

  it("says when the connection breaks before a stream that both have ended is accepted", async () => {
    const { session, send, peer } = rawPeer("client");
    const stream = session.open(new Map(), { fin: true });
    send({ type: "data", streamId: 1, fin: true, data: Buffer.alloc(0) });
    await turns();
    peer.destroy();
    await assert.rejects(stream.opened, { code: "Unavailable" });
  });

  it("holds data back until the peer has accepted the stream", async () => {
    const { session, send, frames } = rawPeer("client");
    const stream = session.open(new Map());
    stream.write("early");
    await turns();
    assert.equal(dataBytes(frames, 1), 0);
    send(reply(1));
    await turns();
    assert.equal(dataBytes(frames, 1), 5);
  });

  it("does not wait for windows of a peer that never speaks of them", async () => {
    const { session, send, frames } = rawPeer("client");
    const stream = session.open(new Map());
    send(reply(1));
    stream.end(Buffer.alloc(1_000_000));
    await once(stream, "finish");
    await turns();
    assert.equal(dataBytes(frames, 1), 1_000_000);
  });

  it("sends no more than the window of a peer that has one", async () => {
    const { session, send, frames } = rawPeer("client");
    const stream = session.open(new Map());
    send({ type: "settings", entries: [{ id: 7, value: 10_000 }] });
    send(reply(1));
    await turns();
    stream.write(Buffer.alloc(100_000));
    await turns();
    assert.equal(dataBytes(frames, 1), 10_000);
    send({ type: "window-update", streamId: 1, deltaBytes: 500 });
    await turns();
    assert.equal(dataBytes(frames, 1), 10_500);
    send({ type: "settings", entries: [{ id: 7, value: 11_000 }] });
    await turns();
    assert.equal(dataBytes(frames, 1), 11_500);
    send({ type: "window-update", streamId: 1, deltaBytes: 1_000_000 });
    await turns();
    assert.equal(dataBytes(frames, 1), 65_536, "the window of the session still holds");
    send({ type: "window-update", streamId: 0, deltaBytes: 1_000_000 });
    await turns();
    assert.equal(dataBytes(frames, 1), 100_000);
  });

  it("lets a stream flow while another one is not read", async () => {
    const { client, accepted } = sessions();
    const slow = client.open(new Map());
    const quick = client.open(new Map());
    await Promise.all([slow.opened, quick.opened]);
    slow.write(Buffer.alloc(20_000_000));
    quick.end("through");
    const other = accepted[1];
    assert.ok(other);
    assert.equal(await text(other), "through");
    assert.ok((accepted[0]?.readableLength ?? 0) <= 1_048_576, "what waits is bounded");
    client.destroy();
  });

  it("stops reading the connection when a peer without windows sends what nobody reads", async () => {
    const accepted: SpdyStream[] = [];
    const { send, peer, ours } = rawPeer("server", (stream) => {
      accepted.push(stream);
      stream.accept();
    });
    const headers = new Map<string, string>();
    send({ type: "syn-stream", streamId: 1, fin: false, unidirectional: false, headers });
    await turns();
    const data = Buffer.alloc(65_536);
    let sent = 0;
    while (peer.writableLength < 200_000 && sent < 1000) {
      send({ type: "data", streamId: 1, fin: false, data });
      sent++;
      await turn();
    }
    assert.ok(ours.isPaused(), "the connection is paused");
    const [stream] = accepted;
    assert.ok(stream !== undefined && stream.readableLength < 3_000_000);
    send({ type: "data", streamId: 1, fin: true, data: Buffer.from("end") });
    let size = 0;
    for await (const chunk of stream) size += chunk.length;
    assert.equal(size, sent * 65_536 + 3);
  });

  it("keeps what arrived before a reset readable and then says that it was cut", async () => {
    const { session, send } = rawPeer("client");
    const stream = session.open(new Map());
    const cut = once(stream, "cut");
    send(reply(1));
    send({ type: "data", streamId: 1, fin: false, data: Buffer.from("last words") });
    send({ type: "rst-stream", streamId: 1, status: 5 });
    const [error] = await cut;
    assert.ok(error instanceof StatusError && error.code === "Unavailable");
    assert.equal(await text(stream), "last words");
    stream.end("dropped without error");
    await once(stream, "finish");
  });

  it("resets a stream that is destroyed, and the others go on", async () => {
    const { client, accepted } = sessions();
    const [bad, good] = [client.open(new Map()), client.open(new Map())];
    await good.opened;
    const other = accepted[0];
    assert.ok(other);
    const cut = once(other, "cut");
    bad.destroy();
    await cut;
    good.end("fine");
    assert.ok(accepted[1]);
    assert.equal(await text(accepted[1]), "fine");
  });

  it("cuts every stream when the connection ends", async () => {
    const { session, peer } = rawPeer("client");
    const stream = session.open(new Map());
    const cut = once(stream, "cut");
    peer.end();
    await cut;
    assert.equal((await session.closed)?.code, "Unavailable");
    await assert.rejects(stream.opened);
    assert.throws(() => session.open(new Map()));
  });

  it("answers pings of the peer and sends its own", async () => {
    const { send, frames } = rawPeer("server");
    send({ type: "ping", id: 7 });
    await turns();
    assert.deepEqual(
      frames.filter(({ type }) => type === "ping"),
      [{ type: "ping", id: 7 }],
    );
    const [ours, theirs] = duplexPair();
    const session = new SpdySession(ours, { role: "client", pingIntervalMs: 5 });
    const decoder = createFrameDecoder();
    const ids: number[] = [];
    for await (const chunk of theirs) {
      for (const frame of decoder.decode(chunk)) if (frame.type === "ping") ids.push(frame.id);
      if (ids.length >= 2) break;
    }
    assert.deepEqual(ids.slice(0, 2), [1, 3]);
    session.destroy();
  });

  const syn = (streamId: number): SpdyFrame => {
    return { type: "syn-stream", streamId, fin: false, unidirectional: false, headers: new Map() };
  };
  const hostile: [string, SpdyFrame[]][] = [
    ["a stream ID of our own side", [syn(2)]],
    [
      "data of a stream that was never opened",
      [{ type: "data", streamId: 1, fin: false, data: Buffer.from("x") }],
    ],
    ["a stream ID twice", [syn(1), syn(1)]],
    [
      "a session window that overflows",
      [{ type: "window-update", streamId: 0, deltaBytes: 2147483647 }],
    ],
    [
      "an initial window that overflows",
      [{ type: "settings", entries: [{ id: 7, value: 4294967295 }] }],
    ],
  ];
  for (const [what, sent] of hostile) {
    it(`ends with GOAWAY on ${what}`, async () => {
      const { session, send, frames } = rawPeer("server", (stream) => stream.accept());
      for (const frame of sent) send(frame);
      assert.equal((await session.closed)?.code, "Internal");
      await turns();
      assert.deepEqual(frames.at(-1)?.type, "goaway");
    });
  }

  it("resets a stream that gets data after its end, and a window that overflows", async () => {
    const streams: SpdyStream[] = [];
    const { send, frames } = rawPeer("server", (stream) => {
      streams.push(stream);
      stream.accept();
    });
    send(syn(1));
    send({ type: "data", streamId: 1, fin: true, data: Buffer.from("a") });
    send({ type: "data", streamId: 1, fin: false, data: Buffer.from("b") });
    send(syn(3));
    send({ type: "window-update", streamId: 3, deltaBytes: 2147483647 });
    await turns();
    const resets = frames.filter(({ type }) => type === "rst-stream");
    assert.deepEqual(resets, [
      { type: "rst-stream", streamId: 1, status: 1 },
      { type: "rst-stream", streamId: 3, status: 7 },
    ]);
  });

  it("holds no more than 256 KiB of answers for a peer that asks and does not read", async () => {
    const { session, peer, ours, send } = rawPeer("client");
    peer.pause();
    const stream = session.open(new Map([["streamtype", "data"]]));
    for (let round = 1; round <= 20_000; round++) {
      const headers = new Map<string, string>();
      const streamId = 2 * round;
      send({ type: "ping", id: streamId });
      send({ type: "syn-stream", streamId, fin: false, unidirectional: false, headers });
      send(reply(stream.streamId));
      if (round % 500 === 0) await turns(2);
    }
    await turns();
    assert.ok(ours.writableLength < 300_000, `${ours.writableLength} bytes`);
    session.destroy();
  });

  it("refuses streams where none are wanted, and too many", async () => {
    const client = rawPeer("client");
    client.send({ ...syn(2) });
    await turns();
    assert.equal(client.frames.at(-1)?.type, "rst-stream");
    const server = rawPeer("server", (stream) => stream.accept());
    for (let id = 1; id <= 2051; id += 2) server.send(syn(id));
    await turns(50);
    const refused = server.frames.filter(({ type }) => type === "rst-stream");
    assert.equal(refused.length, 2);
  });
});
