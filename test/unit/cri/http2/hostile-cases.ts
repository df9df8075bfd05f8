import assert from "node:assert/strict";
import { StatusError } from "../../../../src/errors/status-error.ts";
import type { Cleanup } from "../../../support/cleanup.ts";
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
import { seededRandom } from "../../../support/seeded-random.ts";
import type { TestCase } from "../../../support/test-case.ts";
import { startLeanClient } from "./lean-client.ts";

const PROTOCOL_ERROR = 1;
const FLOW_CONTROL_ERROR = 3;
const FRAME_SIZE_ERROR = 6;
const COMPRESSION_ERROR = 9;
const ENHANCE_YOUR_CALM = 11;
const PRIORITY = 32;

interface Attack {
  /** What comes after a first request on stream 1, in place of its answer. */
  readonly frames: () => Uint8Array[];
  /** What the client's GOAWAY says of it. */
  readonly errorCode: number;
}

const empty = Buffer.alloc(0);
const data = (payload: Uint8Array, flags = 0, streamId = 1) =>
  frame(TYPE.data, flags, streamId, payload);
const headers = (payload: Uint8Array, flags = END_HEADERS, streamId = 1) =>
  frame(TYPE.headers, flags, streamId, payload);
const response = () => headersFrame(1, RESPONSE);
const many = (count: number, one: Uint8Array) => [
  Buffer.concat(Array.from({ length: count }, () => one)),
];
const attack = (errorCode: number, ...frames: Uint8Array[]): Attack => ({
  errorCode,
  frames: () => frames,
});

const ATTACKS: Readonly<Record<string, Attack>> = {
  "a frame larger than was allowed": attack(
    FRAME_SIZE_ERROR,
    Buffer.from([0x00, 0x40, 0x01, TYPE.data, 0, 0, 0, 0, 1]),
  ),
  "the largest frame there is": attack(
    FRAME_SIZE_ERROR,
    Buffer.from([0xff, 0xff, 0xff, 0x4a, 0, 0, 0, 0, 0]),
  ),

  "settings for a stream": attack(PROTOCOL_ERROR, frame(TYPE.settings, 0, 1)),
  "settings of a wrong size": attack(FRAME_SIZE_ERROR, frame(TYPE.settings, 0, 0, Buffer.alloc(5))),
  "an acknowledgement with settings in it": attack(
    FRAME_SIZE_ERROR,
    frame(TYPE.settings, ACK, 0, Buffer.alloc(6)),
  ),
  "settings that allow a push": attack(PROTOCOL_ERROR, settingsFrame([2, 1])),
  "an initial window beyond the largest": attack(FLOW_CONTROL_ERROR, settingsFrame([4, 2 ** 31])),
  "a largest frame below the smallest": attack(PROTOCOL_ERROR, settingsFrame([5, 16_383])),
  "a largest frame beyond the largest": attack(PROTOCOL_ERROR, settingsFrame([5, 2 ** 24])),
  "settings that bring a window beyond its largest size": attack(
    FLOW_CONTROL_ERROR,
    response(),
    frame(TYPE.window, 0, 1, u32(2 ** 31 - 1 - 65_535)),
    settingsFrame([4, 70_000]),
  ),

  "a ping of seven bytes": attack(FRAME_SIZE_ERROR, frame(TYPE.ping, 0, 0, Buffer.alloc(7))),
  "a ping for a stream": attack(PROTOCOL_ERROR, frame(TYPE.ping, 0, 1, Buffer.alloc(8))),
  "a GOAWAY of seven bytes": attack(FRAME_SIZE_ERROR, frame(TYPE.goAway, 0, 0, Buffer.alloc(7))),
  "a GOAWAY for a stream": attack(PROTOCOL_ERROR, frame(TYPE.goAway, 0, 1, u32(1, 0))),
  "a GOAWAY that takes back another": attack(
    PROTOCOL_ERROR,
    frame(TYPE.goAway, 0, 0, u32(1, 0)),
    frame(TYPE.goAway, 0, 0, u32(3, 0)),
  ),

  "a window of the connection that opens by nothing": attack(
    PROTOCOL_ERROR,
    frame(TYPE.window, 0, 0, u32(0)),
  ),
  "a window of a stream that opens by nothing": attack(
    PROTOCOL_ERROR,
    frame(TYPE.window, 0, 1, u32(0)),
  ),
  "a window update of three bytes": attack(
    FRAME_SIZE_ERROR,
    frame(TYPE.window, 0, 1, Buffer.alloc(3)),
  ),
  "a window of a stream beyond its largest size": attack(
    FLOW_CONTROL_ERROR,
    frame(TYPE.window, 0, 1, u32(2 ** 31 - 1)),
    frame(TYPE.window, 0, 1, u32(2 ** 31 - 1)),
  ),
  "a window of the connection beyond its largest size": attack(
    FLOW_CONTROL_ERROR,
    frame(TYPE.window, 0, 0, u32(2 ** 31 - 1)),
  ),
  "a window for a stream that never was": attack(PROTOCOL_ERROR, frame(TYPE.window, 0, 3, u32(1))),

  "a reset of the connection": attack(PROTOCOL_ERROR, frame(TYPE.reset, 0, 0, u32(8))),
  "a reset of a stream that never was": attack(PROTOCOL_ERROR, frame(TYPE.reset, 0, 5, u32(8))),
  "a reset of three bytes": attack(FRAME_SIZE_ERROR, frame(TYPE.reset, 0, 1, Buffer.alloc(3))),
  "a priority of four bytes": attack(FRAME_SIZE_ERROR, frame(TYPE.priority, 0, 1, Buffer.alloc(4))),
  "a push": attack(
    PROTOCOL_ERROR,
    frame(TYPE.push, END_HEADERS, 1, Buffer.concat([u32(2), plainBlock(RESPONSE)])),
  ),

  "data for the connection": attack(PROTOCOL_ERROR, data(empty, 0, 0)),
  "data for a stream that never was": attack(PROTOCOL_ERROR, data(empty, 0, 3)),
  "data for a stream of the server's": attack(PROTOCOL_ERROR, data(empty, 0, 2)),
  "data before a response": attack(PROTOCOL_ERROR, data(message(empty))),
  "data with more padding than content": attack(
    PROTOCOL_ERROR,
    response(),
    data(Buffer.from([4, 0, 0, 0]), PADDED),
  ),
  "data with padding announced and nothing in it": attack(
    PROTOCOL_ERROR,
    response(),
    data(empty, PADDED),
  ),
  "headers for the connection": attack(
    PROTOCOL_ERROR,
    headers(plainBlock(RESPONSE), END_HEADERS, 0),
  ),
  "headers for a stream of the server's": attack(
    PROTOCOL_ERROR,
    headers(plainBlock(RESPONSE), END_HEADERS, 2),
  ),
  "headers for a stream that never was": attack(
    PROTOCOL_ERROR,
    headers(plainBlock(RESPONSE), END_HEADERS, 9),
  ),
  "headers with more padding than content": attack(
    PROTOCOL_ERROR,
    headers(Buffer.from([3, 0x88, 0]), END_HEADERS | PADDED),
  ),
  "headers too short for their priority": attack(
    FRAME_SIZE_ERROR,
    headers(Buffer.from([0x88]), END_HEADERS | PRIORITY),
  ),
  "headers that cannot be read": attack(COMPRESSION_ERROR, headers(Buffer.from([0xff]))),
  "headers that cannot be read, for a call that is gone": attack(
    COMPRESSION_ERROR,
    frame(TYPE.reset, 0, 1, u32(0)),
    headers(Buffer.from([0xff])),
  ),
  "a response without a status": attack(PROTOCOL_ERROR, headersFrame(1, { "content-type": "x" })),
  "a status that is none": attack(PROTOCOL_ERROR, headersFrame(1, { ":status": "2x0" })),
  "a status of two digits": attack(PROTOCOL_ERROR, headersFrame(1, { ":status": "20" })),
  "two statuses": attack(PROTOCOL_ERROR, headers(Buffer.from([0x88, 0x88]))),
  "a status after another header": attack(
    PROTOCOL_ERROR,
    headersFrame(1, { a: "b", ":status": "200" }),
  ),
  "a request's field in a response": attack(
    PROTOCOL_ERROR,
    headersFrame(1, { ":status": "200", ":path": "/" }),
  ),
  "a header in capitals": attack(
    PROTOCOL_ERROR,
    headersFrame(1, { ...RESPONSE, "Grpc-Status": "0" }),
  ),
  "a header without a name": attack(PROTOCOL_ERROR, headersFrame(1, { ...RESPONSE, "": "x" })),
  "a header with a space in its name": attack(
    PROTOCOL_ERROR,
    headersFrame(1, { ...RESPONSE, "a b": "x" }),
  ),
  "a header of the connection": attack(
    PROTOCOL_ERROR,
    headersFrame(1, { ...RESPONSE, connection: "close" }),
  ),
  "a header with a line break in its value": attack(
    PROTOCOL_ERROR,
    headersFrame(1, { ...RESPONSE, a: "b\r\nc" }),
  ),
  "a second response": attack(PROTOCOL_ERROR, response(), response()),
  "trailers with a status of HTTP": attack(
    PROTOCOL_ERROR,
    response(),
    headersFrame(1, RESPONSE, END_STREAM),
  ),
  "an end without a response": attack(
    PROTOCOL_ERROR,
    headersFrame(1, { ":status": "100" }, END_STREAM),
  ),

  "a continuation of nothing": attack(PROTOCOL_ERROR, frame(TYPE.continuation, END_HEADERS, 1)),
  "a continuation of another stream's headers": attack(
    PROTOCOL_ERROR,
    headers(empty, 0),
    frame(TYPE.continuation, END_HEADERS, 3),
  ),
  "another frame amid headers": attack(
    PROTOCOL_ERROR,
    headers(empty, 0),
    frame(TYPE.ping, 0, 0, Buffer.alloc(8)),
  ),
  "an unknown frame amid headers": attack(PROTOCOL_ERROR, headers(empty, 0), frame(0x4a, 0, 0)),
  "empty continuations without end": attack(
    ENHANCE_YOUR_CALM,
    headers(empty, 0),
    ...many(100, frame(TYPE.continuation, 0, 1)),
  ),
  "continuations beyond the limit": attack(
    ENHANCE_YOUR_CALM,
    headers(empty, 0),
    ...many(5, frame(TYPE.continuation, 0, 1, Buffer.alloc(16_384, 0x88))),
  ),
  "a few bytes that stand for megabytes of headers": attack(
    ENHANCE_YOUR_CALM,
    headers(
      Buffer.concat([
        Buffer.from("4001627fbd1d", "hex"),
        Buffer.alloc(3900, 0x61),
        Buffer.alloc(10_000, 0xbe),
      ]),
    ),
  ),

  "a flood of pings": attack(
    ENHANCE_YOUR_CALM,
    ...many(5000, frame(TYPE.ping, 0, 0, Buffer.alloc(8))),
  ),
  "a flood of settings": attack(ENHANCE_YOUR_CALM, ...many(5000, settingsFrame())),
  "a flood of acknowledgements": attack(
    ENHANCE_YOUR_CALM,
    ...many(5000, frame(TYPE.settings, ACK, 0)),
  ),
  "a flood of empty data": attack(ENHANCE_YOUR_CALM, response(), ...many(5000, data(empty))),
  "a flood of padding": attack(
    ENHANCE_YOUR_CALM,
    response(),
    ...many(5000, data(Buffer.from([1, 0]), PADDED)),
  ),
  "a flood of priorities": attack(
    ENHANCE_YOUR_CALM,
    ...many(5000, frame(TYPE.priority, 0, 1, Buffer.alloc(5))),
  ),
  "a flood of frames of no known type": attack(ENHANCE_YOUR_CALM, ...many(5000, frame(0x4a, 0, 0))),
  "a flood of windows": attack(ENHANCE_YOUR_CALM, ...many(5000, frame(TYPE.window, 0, 0, u32(1)))),
  "a flood of responses to come": attack(
    ENHANCE_YOUR_CALM,
    ...many(5000, headersFrame(1, { ":status": "103" })),
  ),
};

const NO_SERVERS: Readonly<Record<string, Uint8Array>> = {
  "a greeting of another protocol": Buffer.from("220 mail.example ESMTP\r\n"),
  "an answer of HTTP/1.1": Buffer.from("HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n"),
  "an alert of TLS": Buffer.from([0x15, 3, 1, 0, 2, 2, 22]),
  "a frame other than settings": frame(TYPE.ping, 0, 0, Buffer.alloc(8)),
  "an acknowledgement of settings": frame(TYPE.settings, ACK, 0),
  "settings that break the rules": settingsFrame([2, 1]),
  nothing: empty,
};

/** Each attack costs the calls on its connection one clear failure, the connection, and nothing else. */
export const CASES: readonly TestCase[] = [
  ...Object.entries(ATTACKS).map(([title, { frames, errorCode }]) => ({
    title: `ends the connection at ${title}`,
    async run(cleanup: Cleanup) {
      const { begin, unary, server, endpoint } = await startLeanClient(cleanup);
      const { connection, answered } = await begin();
      connection.send(...frames());
      const goAway = await connection.next(TYPE.goAway);
      assert.equal(goAway.payload.readUInt32BE(4), errorCode);
      await connection.closed();
      await assert.rejects(answered, (error) => {
        assert.ok(error instanceof StatusError);
        if (title.endsWith("a call that is gone")) return true;
        assert.equal(error.code, "Internal");
        assert.equal(error.message, `"${endpoint}" does not keep to HTTP/2`);
        assert.ok(error.cause instanceof Error && error.cause.message.length < 120);
        return true;
      });
      const second = unary();
      const next = await server.accept();
      const { streamId } = await next.begin();
      next.send(answer(streamId));
      assert.equal(await second, "answer");
    },
  })),
  {
    title: "ends the connection at more data than the window of a stream that nobody reads",
    async run(cleanup) {
      const { stream, server } = await startLeanClient(cleanup);
      const reader = stream();
      const first = reader.next();
      const connection = await server.accept();
      await connection.begin();
      const part = data(message(Buffer.alloc(16_000)));
      connection.send(response(), part);
      await first;
      for (let sent = 0; sent <= 1024 * 1024; sent += part.length) connection.send(part);
      assert.equal(
        (await connection.next(TYPE.goAway)).payload.readUInt32BE(4),
        FLOW_CONTROL_ERROR,
      );
      await connection.closed();
      await assert.rejects(
        async () => {
          while ((await reader.next()).done !== true);
        },
        { code: "Internal" },
      );
    },
  },
  ...Object.entries(NO_SERVERS).map(([title, bytes]) => ({
    title: `says that there is no connection to what begins with ${title}`,
    async run(cleanup: Cleanup) {
      const { unary, server, endpoint } = await startLeanClient(cleanup);
      const answered = unary({ metadata: { secret: "not for others" } });
      const connection = await server.accept();
      connection.send(bytes);
      if (bytes.length < 9) connection.end();
      await assert.rejects(answered, {
        code: "Unavailable",
        message: `cannot connect to "${endpoint}"`,
      });
      await connection.closed();
      await assert.rejects(connection.next(TYPE.headers), /hung up/);
    },
  })),
  {
    title: "survives seeded garbage, whole frames and parts of them, with one failure each",
    async run(cleanup) {
      const random = seededRandom(31_337);
      const client = await startLeanClient(cleanup);
      const below = (limit: number) => Math.floor(random() * limit);
      for (let round = 0; round < 150; round++) {
        const answered = client.unary({ timeoutMs: 10_000 });
        const connection = await client.server.accept();
        const { streamId } = await connection.begin();
        for (let count = below(12); count > 0; count--) {
          const payload = Uint8Array.from({ length: below(60) }, () => below(256));
          connection.send(
            frame(below(12), below(256), [0, streamId, below(9)][below(3)] ?? 0, payload),
          );
        }
        connection.end();
        await assert.rejects(answered, StatusError);
      }
    },
  },
];
