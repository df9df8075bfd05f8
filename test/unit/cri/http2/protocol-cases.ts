import assert from "node:assert/strict";
import { ByteWriter } from "../../../../src/cri/http2/byte-writer.ts";
import { HpackEncoder } from "../../../../src/cri/http2/hpack-encoder.ts";
import {
  ACK,
  answer,
  END_HEADERS,
  END_STREAM,
  frame,
  headersFrame,
  message,
  PADDED,
  plainBlock,
  RESPONSE,
  settingsFrame,
  TYPE,
  u32,
} from "../../../support/frame-server.ts";
import type { TestCase } from "../../../support/test-case.ts";
import { METHOD, startLeanClient } from "./lean-client.ts";

const HEADER_TABLE_SIZE = 1;
const MAX_CONCURRENT_STREAMS = 3;
const MAX_FRAME_SIZE = 5;
const PRIORITY = 32;

/** What the client makes of everything that is right, however unusual. */
export const CASES: readonly TestCase[] = [
  {
    title: "sends the headers that gRPC asks for, with deadline and metadata",
    async run(cleanup) {
      const { server, unary } = await startLeanClient(cleanup);
      const metadata = { "X-Trace": "a b~c", "key-bin": "AAEC/w==" };
      const answered = unary({ timeoutMs: 30_000, metadata });
      const connection = await server.accept();
      connection.send(settingsFrame());
      const { streamId, headers } = await connection.request();
      const { "grpc-timeout": timeout = "", ...others } = headers;
      assert.match(timeout, /^\d{4,5}m$/);
      assert.deepEqual(others, {
        ":method": "POST",
        ":scheme": "http",
        ":authority": "localhost",
        ":path": METHOD,
        te: "trailers",
        "content-type": "application/grpc",
        "user-agent": "crish",
        "grpc-accept-encoding": "identity",
        "x-trace": "a b~c",
        "key-bin": "AAEC/w==",
      });
      connection.send(answer(streamId));
      assert.equal(await answered, "answer");
    },
  },
  {
    title: "sends what is harmless with the preface, and the rest when the server has spoken",
    async run(cleanup) {
      const { server, unary } = await startLeanClient(cleanup);
      const paths = ["/a/StartContainer", "/a/ListContainers"];
      const [started, listed] = paths.map((path) =>
        unary({ path, isHarmless: path.includes("List") }),
      );
      const connection = await server.accept();
      const first = await connection.request();
      assert.equal(first.headers[":path"], "/a/ListContainers");
      connection.send(settingsFrame());
      const second = await connection.request();
      assert.equal(second.headers[":path"], "/a/StartContainer");
      connection.send(answer(second.streamId), answer(first.streamId));
      assert.deepEqual(await Promise.all([started, listed]), ["answer", "answer"]);
    },
  },
  {
    title: "reads an answer that comes byte by byte",
    async run(cleanup) {
      const { begin } = await startLeanClient(cleanup);
      const { connection, streamId, answered } = await begin();
      for (const byte of answer(streamId)) connection.send(Uint8Array.of(byte));
      assert.equal(await answered, "answer");
    },
  },
  {
    title: "takes padding and priorities off",
    async run(cleanup) {
      const { begin } = await startLeanClient(cleanup);
      const { connection, streamId, answered } = await begin();
      const padding = Buffer.alloc(200);
      const priority = Buffer.alloc(5, 7);
      const pad = (content: Uint8Array) =>
        Buffer.concat([Buffer.from([padding.length]), content, padding]);
      connection.send(
        frame(TYPE.priority, 0, streamId, priority),
        frame(
          TYPE.headers,
          END_HEADERS | PADDED | PRIORITY,
          streamId,
          pad(Buffer.concat([priority, plainBlock(RESPONSE)])),
        ),
        frame(TYPE.data, PADDED, streamId, pad(message(Buffer.from("padded")))),
        frame(TYPE.data, PADDED, streamId, pad(Buffer.alloc(0))),
        headersFrame(streamId, { "grpc-status": "0" }, END_STREAM),
      );
      assert.equal(await answered, "padded");
    },
  },
  {
    title: "puts headers together that come in many CONTINUATION frames, an empty one among them",
    async run(cleanup) {
      const { begin } = await startLeanClient(cleanup);
      const { connection, streamId, answered } = await begin();
      const trailers = plainBlock({ "grpc-status": "5", "grpc-message": "x".repeat(30_000) });
      connection.send(headersFrame(streamId, RESPONSE));
      connection.send(frame(TYPE.headers, END_STREAM, streamId, trailers.subarray(0, 7)));
      connection.send(frame(TYPE.continuation, 0, streamId));
      connection.send(frame(TYPE.continuation, 0, streamId, trailers.subarray(7, 16_000)));
      connection.send(frame(TYPE.continuation, END_HEADERS, streamId, trailers.subarray(16_000)));
      await assert.rejects(answered, (error: Error) => error.message.length === 30_000);
    },
  },
  {
    title: "sends headers larger than a frame in CONTINUATION frames",
    async run(cleanup) {
      const { server, unary } = await startLeanClient(cleanup);
      const answered = unary({ metadata: { "x-large": "~".repeat(30_000) } });
      const connection = await server.accept();
      connection.send(settingsFrame());
      const first = await connection.next(TYPE.headers);
      assert.equal(first.payload.length, 16_384);
      assert.equal(first.flags & END_HEADERS, 0);
      const second = await connection.next(TYPE.continuation);
      assert.equal(second.flags & END_HEADERS, END_HEADERS);
      connection.send(answer(first.streamId));
      assert.equal(await answered, "answer");
    },
  },
  {
    title: "passes over frames, flags, settings and 1xx responses that it does not know",
    async run(cleanup) {
      const { begin } = await startLeanClient(cleanup);
      const { connection, streamId, answered } = await begin({}, [0x4a4a, 7], [8, 1]);
      connection.send(
        frame(0x4a, 0xff, streamId, Buffer.from("grease")),
        frame(0x0a, 0, 0, Buffer.from("alternative service")),
        headersFrame(streamId, { ":status": "103", link: "</x>" }),
        frame(TYPE.headers, END_HEADERS | 0x50, streamId, plainBlock(RESPONSE)),
        frame(TYPE.data, 0, streamId),
        frame(TYPE.data, 0xf6 & ~PADDED, streamId, message(Buffer.from("plain"))),
        headersFrame(streamId, { "grpc-status": "0", "x-more": "" }, END_STREAM),
      );
      assert.equal(await answered, "plain");
    },
  },
  {
    title: "answers each PING with its bytes, and acknowledges settings",
    async run(cleanup) {
      const { begin } = await startLeanClient(cleanup);
      const { connection, streamId, answered } = await begin();
      connection.send(
        frame(TYPE.ping, ACK, 0, Buffer.from("not mine")),
        frame(TYPE.ping, 0, 0, Buffer.from("12345678")),
      );
      const pong = await connection.next(TYPE.ping);
      assert.deepEqual([pong.flags, pong.payload.toString()], [ACK, "12345678"]);
      connection.send(settingsFrame([MAX_CONCURRENT_STREAMS, 9]));
      assert.equal((await connection.next(TYPE.settings)).flags, ACK);
      connection.send(answer(streamId));
      assert.equal(await answered, "answer");
    },
  },
  {
    title: "follows the server's table of headers from answer to answer, its size changing",
    async run(cleanup) {
      const { begin, unary } = await startLeanClient(cleanup);
      const first = await begin();
      const { connection } = first;
      const encoder = new HpackEncoder();
      const block = (headers: Record<string, string>) => {
        const writer = new ByteWriter();
        const fields = Object.entries(headers).map(([name, value]) => ({ name, value }));
        encoder.encode(fields, writer);
        return Buffer.from(writer.view());
      };
      let { streamId, answered } = first;
      for (let round = 0; round < 60; round++) {
        if (round % 10 === 9) encoder.limitTable(round % 20 === 9 ? 90 : 4096);
        connection.send(
          frame(TYPE.headers, END_HEADERS, streamId, block(RESPONSE)),
          frame(
            TYPE.headers,
            END_HEADERS | END_STREAM,
            streamId,
            block({
              "grpc-status": "5",
              "grpc-message": `no pod ${round % 7}`,
              "x-pad": "p".repeat(200),
            }),
          ),
        );
        await assert.rejects(answered, { code: "NotFound", message: `no pod ${round % 7}` });
        answered = unary();
        ({ streamId } = await connection.request());
      }
    },
  },
  {
    title: "sends what it sent before by its index, and nothing so where the server has no table",
    async run(cleanup) {
      const { begin, unary } = await startLeanClient(cleanup);
      const { connection, streamId, answered } = await begin();
      connection.send(answer(streamId));
      await answered;
      const second = unary();
      const again = await connection.next(TYPE.headers);
      assert.ok(again.payload.length < 12, `${again.payload.length} bytes of headers`);
      connection.send(answer(again.streamId), settingsFrame([HEADER_TABLE_SIZE, 0]));
      await second;
      await connection.roundTrip();
      const third = unary();
      const plain = await connection.next(TYPE.headers);
      assert.equal(plain.payload[0], 0x20);
      assert.ok(plain.payload.length > 60, `${plain.payload.length} bytes of headers`);
      connection.send(answer(plain.streamId));
      assert.equal(await third, "answer");
    },
  },
  {
    title: "keeps its frames within the size that the server allows",
    async run(cleanup) {
      const { begin, unary } = await startLeanClient(cleanup);
      const large = Buffer.alloc(60_000);
      const { connection, streamId, answered } = await begin({ message: large });
      assert.equal((await connection.next(TYPE.data)).payload.length, 16_384);
      connection.send(answer(streamId), frame(TYPE.window, 0, 0, u32(1_000_000)));
      await answered;
      connection.send(settingsFrame([MAX_FRAME_SIZE, 20_000]));
      await connection.roundTrip();
      const second = unary({ message: large });
      const { streamId: next } = await connection.next(TYPE.headers);
      assert.equal((await connection.next(TYPE.data)).payload.length, 20_000);
      connection.send(answer(next));
      await second;
    },
  },
  {
    title: "opens no more streams at once than the server allows, and none for a call that is gone",
    async run(cleanup) {
      const { begin, unary } = await startLeanClient(cleanup);
      const first = await begin({}, [MAX_CONCURRENT_STREAMS, 1]);
      const { connection } = first;
      const controller = new AbortController();
      const gone = unary({ signal: controller.signal, metadata: { "x-call": "gone" } });
      const second = unary({ metadata: { "x-call": "second" } });
      controller.abort();
      await assert.rejects(gone, { code: "Cancelled" });
      connection.send(answer(first.streamId, Buffer.from("first")));
      const { streamId, headers } = await connection.request();
      assert.deepEqual([streamId, headers["x-call"]], [3, "second"]);
      connection.send(answer(streamId, Buffer.from("second")));
      assert.deepEqual([await first.answered, await second], ["first", "second"]);
    },
  },
  {
    title: "runs calls side by side, their frames mixed",
    async run(cleanup) {
      const { begin, unary } = await startLeanClient(cleanup);
      const { connection, streamId, answered } = await begin();
      const others = Array.from({ length: 20 }, () => unary());
      const ids = [streamId];
      while (ids.length <= others.length) ids.push((await connection.request()).streamId);
      for (const id of ids) connection.send(headersFrame(id, RESPONSE));
      const parts = ids.map((id) => message(Buffer.from(`answer ${id}`)));
      for (const from of [0, 3, 8]) {
        for (const [at, id] of ids.entries()) {
          const part = parts[at]?.subarray(from, from === 8 ? undefined : from === 0 ? 3 : 8);
          connection.send(frame(TYPE.data, 0, id, part));
        }
      }
      for (const id of ids.toReversed()) {
        connection.send(headersFrame(id, { "grpc-status": "0" }, END_STREAM));
      }
      assert.deepEqual(
        await Promise.all([answered, ...others]),
        ids.map((id) => `answer ${id}`),
      );
    },
  },
];
