import assert from "node:assert/strict";
import {
  answer,
  END_STREAM,
  type FrameConnection,
  frame,
  headersFrame,
  message,
  RESPONSE,
  type ReceivedFrame,
  settingsFrame,
  TYPE,
  u32,
} from "../../../support/frame-server.ts";
import type { TestCase } from "../../../support/test-case.ts";
import { METHOD, startLeanClient } from "./lean-client.ts";

const INITIAL_WINDOW_SIZE = 4;
const DEFAULT_WINDOW = 65_535;
const STREAM_WINDOW = 1024 * 1024;
const MIB = 1024 * 1024;

/** Counts the data that has come on a stream, and waits for as much as there must be. */
function bodyCounter(connection: FrameConnection): { bytes(): number; received: Buffer[] } {
  const received: Buffer[] = [];
  connection.onData = ({ payload }) => void received.push(payload);
  return { received, bytes: () => received.reduce((sum, part) => sum + part.length, 0) };
}

function pattern(bytes: number): Buffer {
  return Buffer.from(Uint32Array.from({ length: bytes / 4 }, (_, at) => at * 2_654_435_761).buffer);
}

function windowsOpened(frames: readonly ReceivedFrame[], stream: number): number {
  return frames.filter(({ type, streamId }) => type === TYPE.window && streamId === stream).length;
}

/** Windows in both directions, at their limits and below them. */
export const CASES: readonly TestCase[] = [
  {
    title: "sends exactly what the windows of stream and connection allow",
    async run(cleanup) {
      const { unary, server } = await startLeanClient(cleanup);
      const answered = unary({ message: Buffer.alloc(100_000) });
      const connection = await server.accept();
      const body = bodyCounter(connection);
      const { streamId } = await connection.begin([INITIAL_WINDOW_SIZE, 80_000]);
      await connection.roundTrip();
      assert.equal(body.bytes(), DEFAULT_WINDOW);
      connection.send(frame(TYPE.window, 0, 0, u32(10)));
      await connection.roundTrip();
      assert.equal(body.bytes(), DEFAULT_WINDOW + 10);
      connection.send(frame(TYPE.window, 0, 0, u32(1_000_000)));
      await connection.roundTrip();
      assert.equal(body.bytes(), 80_000);
      connection.send(frame(TYPE.window, 0, streamId, u32(20_004)));
      await connection.roundTrip();
      assert.equal(body.bytes(), 100_004);
      connection.send(frame(TYPE.window, 0, streamId, u32(1)));
      await connection.roundTrip();
      assert.equal(body.bytes(), 100_005);
      connection.send(answer(streamId));
      assert.equal(await answered, "answer");
    },
  },
  {
    title: "waits below zero where the server takes a window back, and goes on above it",
    async run(cleanup) {
      const { unary, server } = await startLeanClient(cleanup);
      const answered = unary({ message: Buffer.alloc(200_000) });
      const connection = await server.accept();
      const body = bodyCounter(connection);
      const { streamId } = await connection.begin();
      connection.send(frame(TYPE.window, 0, 0, u32(1_000_000)));
      await connection.roundTrip();
      assert.equal(body.bytes(), DEFAULT_WINDOW);
      connection.send(settingsFrame([INITIAL_WINDOW_SIZE, 0]));
      connection.send(frame(TYPE.window, 0, streamId, u32(DEFAULT_WINDOW)));
      await connection.roundTrip();
      assert.equal(body.bytes(), DEFAULT_WINDOW);
      connection.send(frame(TYPE.window, 0, streamId, u32(7)));
      await connection.roundTrip();
      assert.equal(body.bytes(), DEFAULT_WINDOW + 7);
      connection.send(settingsFrame([INITIAL_WINDOW_SIZE, 200_000]));
      await connection.roundTrip();
      assert.equal(body.bytes(), 200_005);
      connection.send(answer(streamId));
      assert.equal(await answered, "answer");
    },
  },
  {
    title: "begins with a window of nothing",
    async run(cleanup) {
      const { begin, unary } = await startLeanClient(cleanup);
      const first = await begin({}, [INITIAL_WINDOW_SIZE, 0]);
      const { connection } = first;
      connection.send(answer(first.streamId));
      await first.answered;
      const body = bodyCounter(connection);
      const second = unary({ message: Buffer.from("abc") });
      const { streamId } = await connection.request();
      await connection.roundTrip();
      assert.equal(body.bytes(), 0);
      connection.send(frame(TYPE.window, 0, streamId, u32(8)));
      const data = await connection.next(TYPE.data);
      assert.deepEqual([data.payload.length, data.flags], [8, END_STREAM]);
      connection.send(answer(streamId));
      assert.equal(await second, "answer");
    },
  },
  {
    title: "carries 16 MiB both ways through windows that open as the data comes",
    async run(cleanup) {
      const { transport, server } = await startLeanClient(cleanup);
      const large = pattern(16 * MIB);
      const answered = transport.unary({ path: METHOD, message: large, timeoutMs: 0 });
      answered.catch(() => undefined);
      const connection = await server.accept();
      const body = bodyCounter(connection);
      const window = { stream: DEFAULT_WINDOW, connection: DEFAULT_WINDOW };
      const streamId = 1;
      let isBroken = false;
      const count = connection.onData;
      connection.onData = (data) => {
        count?.(data);
        window.stream -= data.payload.length;
        window.connection -= data.payload.length;
        if (Math.min(window.stream, window.connection) < 0) isBroken = true;
        for (const [id, key] of [
          [0, "connection"],
          [streamId, "stream"],
        ] as const) {
          if (window[key] > 30_000) continue;
          window[key] += 50_000;
          connection.send(frame(TYPE.window, 0, id, u32(50_000)));
        }
      };
      await connection.begin();
      while (body.bytes() < large.length + 5) await connection.next(TYPE.data);
      assert.equal(isBroken, false);
      assert.ok(Buffer.concat(body.received).subarray(5).equals(large));
      const echo = Buffer.concat(body.received);
      connection.send(headersFrame(streamId, RESPONSE));
      await sendWithinWindow(connection, streamId, echo);
      connection.send(headersFrame(streamId, { "grpc-status": "0" }, END_STREAM));
      assert.ok(large.equals(await answered));
    },
  },
  {
    title: "opens the window of a stream only as its reader takes the messages",
    async run(cleanup) {
      const { stream, server } = await startLeanClient(cleanup);
      const reader = stream();
      const first = reader.next();
      const connection = await server.accept();
      const { streamId } = await connection.begin();
      const part = message(Buffer.alloc(16_000));
      connection.send(headersFrame(streamId, RESPONSE), frame(TYPE.data, 0, streamId, part));
      await first;
      const sent = Math.floor(STREAM_WINDOW / part.length) - 1;
      for (let at = 0; at < sent; at++) connection.send(frame(TYPE.data, 0, streamId, part));
      assert.equal(windowsOpened(await connection.roundTrip(), streamId), 0);
      for (let at = 0; at < sent; at++) assert.equal((await reader.next()).value?.length, 16_000);
      assert.ok(windowsOpened(await connection.roundTrip(), streamId) > 0);
      connection.send(headersFrame(streamId, { "grpc-status": "0" }, END_STREAM));
      assert.equal((await reader.next()).done, true);
    },
  },
  {
    title: "takes a message larger than the window of its stream",
    async run(cleanup) {
      const { stream, server } = await startLeanClient(cleanup);
      const reader = stream();
      const first = reader.next();
      const connection = await server.accept();
      const { streamId } = await connection.begin();
      const large = pattern(3 * MIB);
      connection.send(headersFrame(streamId, RESPONSE));
      await sendWithinWindow(connection, streamId, message(large));
      assert.ok(Buffer.from((await first).value ?? []).equals(large));
      connection.send(headersFrame(streamId, { "grpc-status": "0" }, END_STREAM));
      assert.equal((await reader.next()).done, true);
    },
  },
  {
    title: "keeps of what came with a message that waits for its reader nothing but the message",
    async run(cleanup) {
      const { stream, unary, server } = await startLeanClient(cleanup);
      const reader = stream();
      const first = reader.next();
      const connection = await server.accept();
      const { streamId } = await connection.begin();
      const part = frame(TYPE.data, 0, streamId, message(Buffer.from("small")));
      connection.send(headersFrame(streamId, RESPONSE), part);
      await first;
      for (let round = 0; round < 10; round++) {
        const answered = unary();
        const { streamId: besideId } = await connection.request();
        connection.send(part, answer(besideId, Buffer.alloc(10_000)));
        await answered;
      }
      let kept = 0;
      for (let round = 0; round < 10; round++) {
        kept += (await reader.next()).value?.buffer.byteLength ?? 0;
      }
      assert.ok(kept < 10_000, `${kept} bytes`);
      await reader.return?.();
    },
  },
  {
    title: "lets other calls go on beside a stream that nobody reads",
    async run(cleanup) {
      const { stream, unary, server } = await startLeanClient(cleanup);
      const connections = server.accept();
      const idle = Array.from({ length: 6 }, () => stream());
      const firsts = idle.map((reader) => reader.next());
      const connection = await connections;
      connection.send(settingsFrame());
      for (const first of firsts) {
        const { streamId } = await connection.request();
        connection.send(headersFrame(streamId, RESPONSE));
        connection.send(frame(TYPE.data, 0, streamId, message(Buffer.alloc(0))));
        await first;
        const left = STREAM_WINDOW - 5;
        const filler = message(Buffer.alloc(left - 5));
        for (let at = 0; at < left; at += 16_384) {
          connection.send(frame(TYPE.data, 0, streamId, filler.subarray(at, at + 16_384)));
        }
      }
      const answered = unary();
      const { streamId } = await connection.request();
      connection.send(answer(streamId, Buffer.alloc(300)));
      assert.equal((await answered).length, 300);
      for (const reader of idle) await reader.return?.();
    },
  },
];

/** Sends data as the client's windows allow, which begin at 1 MiB for the stream and 4 for the connection. */
async function sendWithinWindow(
  connection: FrameConnection,
  streamId: number,
  data: Buffer,
): Promise<void> {
  const window = new Map([
    [0, 4 * MIB],
    [streamId, STREAM_WINDOW],
  ]);
  for (let at = 0; at < data.length; ) {
    const allowed = Math.min(16_384, ...window.values());
    if (allowed > 0) {
      const part = data.subarray(at, at + allowed);
      at += part.length;
      for (const [id, left] of window) window.set(id, left - part.length);
      connection.send(frame(TYPE.data, 0, streamId, part));
      continue;
    }
    const update = await connection.next(TYPE.window);
    const left = window.get(update.streamId) ?? 0;
    window.set(update.streamId, left + update.payload.readUInt32BE(0));
  }
}
