import assert from "node:assert/strict";
import { StatusError } from "../../../../src/errors/status-error.ts";
import {
  answer,
  END_STREAM,
  frame,
  headersFrame,
  message,
  RESPONSE,
  settingsFrame,
  TYPE,
  u32,
} from "../../../support/frame-server.ts";
import type { TestCase } from "../../../support/test-case.ts";
import { startLeanClient } from "./lean-client.ts";

const CANCEL = 8;
const REFUSED_STREAM = 7;

/** How calls end otherwise than with an answer, and what the next call finds. */
export const CASES: readonly TestCase[] = [
  {
    title: "makes calls again that the server did not take before its GOAWAY, and only those",
    async run(cleanup) {
      const { begin, unary, server } = await startLeanClient(cleanup);
      const { connection, streamId, answered } = await begin();
      const untaken = unary();
      await connection.request();
      connection.send(frame(TYPE.goAway, 0, 0, u32(2 ** 31 - 1, 0)));
      connection.send(
        frame(TYPE.goAway, 0, 0, Buffer.concat([u32(streamId, 0), Buffer.from("bye")])),
      );
      const next = await server.accept();
      const again = await next.begin();
      next.send(answer(again.streamId, Buffer.from("again")));
      assert.equal(await untaken, "again");
      const later = unary();
      const third = await next.request();
      next.send(answer(third.streamId, Buffer.from("later")));
      assert.equal(await later, "later");
      connection.send(answer(streamId, Buffer.from("taken")));
      assert.equal(await answered, "taken");
      await connection.closed();
    },
  },
  {
    title: "connects anew after a GOAWAY that came while nothing ran",
    async run(cleanup) {
      const { begin, unary, server } = await startLeanClient(cleanup);
      const { connection, streamId, answered } = await begin();
      connection.send(answer(streamId), frame(TYPE.goAway, 0, 0, u32(streamId, 0)));
      assert.equal(await answered, "answer");
      await connection.closed();
      const second = unary();
      const next = await server.accept();
      const { streamId: first } = await next.begin();
      next.send(answer(first));
      assert.equal(await second, "answer");
    },
  },
  {
    title: "makes a refused call again, and gives up where it is refused each time",
    async run(cleanup) {
      const { begin, endpoint } = await startLeanClient(cleanup);
      const { connection, streamId, answered } = await begin();
      connection.send(frame(TYPE.reset, 0, streamId, u32(REFUSED_STREAM)));
      for (let attempt = 0; attempt < 2; attempt++) {
        const again = await connection.request();
        connection.send(frame(TYPE.reset, 0, again.streamId, u32(REFUSED_STREAM)));
      }
      await assert.rejects(answered, {
        code: "Unavailable",
        message: `lost the connection to "${endpoint}"`,
      });
    },
  },
  {
    title: "says that the connection is lost where the daemon dies amid a call, and connects anew",
    async run(cleanup) {
      const { begin, unary, server, endpoint } = await startLeanClient(cleanup);
      const { connection, streamId, answered } = await begin();
      connection.send(headersFrame(streamId, RESPONSE));
      await connection.roundTrip();
      connection.destroy();
      await assert.rejects(answered, (error) => {
        assert.ok(error instanceof StatusError);
        assert.equal(error.code, "Unavailable");
        assert.equal(error.message, `lost the connection to "${endpoint}"`);
        assert.match(error.hint ?? "", /"Version" may or may not have been done/);
        return true;
      });
      const second = unary();
      const next = await server.accept();
      const { streamId: first } = await next.begin();
      next.send(answer(first));
      assert.equal(await second, "answer");
    },
  },
  {
    title: "resets a call that is cancelled, late, or whose reader leaves, and goes on beside it",
    async run(cleanup) {
      const { begin, unary, stream } = await startLeanClient(cleanup);
      const controller = new AbortController();
      const { connection, streamId, answered } = await begin({ signal: controller.signal });
      connection.send(headersFrame(streamId, { ...RESPONSE, "x-seen": "half an answer" }));
      await connection.roundTrip();
      controller.abort();
      await assert.rejects(answered, { code: "Cancelled", message: '"Version" was cancelled' });
      const reset = await connection.next(TYPE.reset);
      assert.deepEqual([reset.streamId, reset.payload.readUInt32BE(0)], [streamId, CANCEL]);

      const late = unary({ timeoutMs: 50 });
      const { streamId: lateId } = await connection.request();
      await assert.rejects(late, { code: "DeadlineExceeded" });
      assert.equal((await connection.next(TYPE.reset)).streamId, lateId);

      const reader = stream();
      const first = reader.next();
      const { streamId: readId } = await connection.request();
      connection.send(headersFrame(readId, RESPONSE));
      connection.send(frame(TYPE.data, 0, readId, message(Buffer.from("one"))));
      assert.equal(Buffer.from((await first).value ?? []).toString(), "one");
      await reader.return?.();
      assert.equal((await connection.next(TYPE.reset)).streamId, readId);

      for (const gone of [streamId, lateId, readId]) {
        connection.send(frame(TYPE.data, 0, gone, message(Buffer.from("for nobody"))));
        connection.send(frame(TYPE.window, 0, gone, u32(5)));
        connection.send(headersFrame(gone, { "grpc-status": "0" }, END_STREAM));
        connection.send(frame(TYPE.reset, 0, gone, u32(CANCEL)));
      }
      const last = unary();
      const { streamId: lastId } = await connection.request();
      connection.send(answer(lastId));
      assert.equal(await last, "answer");
    },
  },
  {
    title: "goes on beside a stream that was left amid thousands of small messages",
    async run(cleanup) {
      const { unary, stream, server } = await startLeanClient(cleanup);
      const reader = stream();
      const first = reader.next();
      const connection = await server.accept();
      const { streamId } = await connection.begin();
      const part = frame(TYPE.data, 0, streamId, message(Buffer.from("small")));
      connection.send(headersFrame(streamId, RESPONSE), part);
      await first;
      const beside = unary();
      const { streamId: besideId } = await connection.request();
      await reader.return?.();
      assert.equal((await connection.next(TYPE.reset)).streamId, streamId);
      connection.send(...Array.from({ length: 20_000 }, () => part));
      connection.send(answer(besideId));
      assert.equal(await beside, "answer");
    },
  },
  {
    title: "goes on beside thousands of calls that were cancelled at once and still get answers",
    async run(cleanup) {
      const { begin, unary } = await startLeanClient(cleanup);
      const { connection, streamId, answered } = await begin();
      const controller = new AbortController();
      const calls = Array.from({ length: 2000 }, () => unary({ signal: controller.signal }));
      const ids: number[] = [];
      for (const _call of calls) ids.push((await connection.request()).streamId);
      controller.abort();
      for (const call of calls) await assert.rejects(call, { code: "Cancelled" });
      connection.send(...ids.map((id) => answer(id)), answer(streamId));
      assert.equal(await answered, "answer");
    },
  },
  {
    title: "does not make a call again that a GOAWAY calls unprocessed after its answer has begun",
    async run(cleanup) {
      const { begin, endpoint } = await startLeanClient(cleanup);
      const { connection, streamId, answered } = await begin();
      connection.send(headersFrame(streamId, RESPONSE), frame(TYPE.goAway, 0, 0, u32(0, 0)));
      await assert.rejects(answered, {
        code: "Unavailable",
        message: `lost the connection to "${endpoint}"`,
      });
      await connection.closed();
    },
  },
  {
    title: "calls a stream incomplete that ends with OK amid a message",
    async run(cleanup) {
      const { stream, begin } = await startLeanClient(cleanup);
      const { connection, streamId: firstId, answered } = await begin();
      connection.send(answer(firstId));
      await answered;
      for (const bytes of [3, 5, 7]) {
        const reader = stream();
        const first = reader.next();
        const { streamId } = await connection.request();
        const whole = message(Buffer.from("whole"));
        connection.send(
          headersFrame(streamId, RESPONSE),
          frame(TYPE.data, 0, streamId, Buffer.concat([whole, whole.subarray(0, bytes)])),
          headersFrame(streamId, { "grpc-status": "0" }, END_STREAM),
        );
        assert.equal(Buffer.from((await first).value ?? []).toString(), "whole");
        await assert.rejects(reader.next(), { code: "Internal" });
      }
    },
  },
  {
    title: "takes an answer that comes before the request was sent, and stops sending",
    async run(cleanup) {
      const { begin } = await startLeanClient(cleanup);
      const { connection, streamId, answered } = await begin({ message: Buffer.alloc(1_000_000) });
      connection.send(
        headersFrame(
          streamId,
          { ...RESPONSE, "grpc-status": "8", "grpc-message": "too much" },
          END_STREAM,
        ),
      );
      await assert.rejects(answered, { code: "ResourceExhausted", message: "too much" });
      assert.equal((await connection.next(TYPE.reset)).streamId, streamId);
      connection.send(frame(TYPE.window, 0, 0, u32(1_000_000)));
      const frames = await connection.roundTrip();
      assert.deepEqual(
        frames.filter(({ type }) => type === TYPE.data),
        [],
      );
    },
  },
  {
    title:
      "gives a stream's reader what came before the failure, and what came before a cancel not",
    async run(cleanup) {
      const { stream, server } = await startLeanClient(cleanup);
      const controller = new AbortController();
      const readers = [stream(), stream({ signal: controller.signal })];
      const accepted = server.accept();
      const firsts = readers.map((reader) => reader.next());
      const connection = await accepted;
      connection.send(settingsFrame());
      for (const first of firsts) {
        const { streamId } = await connection.request();
        const part = frame(TYPE.data, 0, streamId, message(Buffer.from("part")));
        connection.send(headersFrame(streamId, RESPONSE), part, part, part);
        await first;
      }
      connection.send(headersFrame(1, { "grpc-status": "15", "grpc-message": "gone" }, END_STREAM));
      await connection.roundTrip();
      controller.abort();
      const [failed, cancelled] = readers;
      assert.equal((await failed?.next())?.done, false);
      assert.equal((await failed?.next())?.done, false);
      await assert.rejects(async () => failed?.next(), { code: "DataLoss", message: "gone" });
      await assert.rejects(async () => cancelled?.next(), { code: "Cancelled" });
    },
  },
  {
    title: "tells nothing that is no HTTP/2 server what the call was, and fails within the limit",
    async run(cleanup) {
      const client = await startLeanClient(cleanup, { connectTimeoutMs: 100 });
      const answered = client.unary();
      const connection = await client.server.accept();
      await assert.rejects(answered, {
        code: "Unavailable",
        message: `cannot connect to "${client.endpoint}"`,
      });
      await connection.closed();
      await assert.rejects(connection.next(TYPE.headers));
    },
  },
  {
    title: "tells nothing of hundreds of large calls either, before the server has said what it is",
    async run(cleanup) {
      const { unary, server, endpoint } = await startLeanClient(cleanup);
      const calls = Array.from({ length: 600 }, (_, at) =>
        unary({ metadata: { large: String(at).padStart(2000) } }),
      );
      const connection = await server.accept();
      connection.send(frame(TYPE.ping, 0, 0, Buffer.alloc(8)));
      for (const call of calls) {
        await assert.rejects(call, { message: `cannot connect to "${endpoint}"` });
      }
      await connection.closed();
      await assert.rejects(connection.next(TYPE.headers), /hung up/);
    },
  },
  {
    title: "drops a connection that nobody waits for any more before it came about",
    async run(cleanup) {
      const { unary, server } = await startLeanClient(cleanup);
      const controller = new AbortController();
      const answered = unary({ signal: controller.signal });
      const connection = await server.accept();
      controller.abort();
      await assert.rejects(answered, { code: "Cancelled" });
      await connection.closed();
    },
  },
  {
    title: "ends its calls when it is closed, and takes no more",
    async run(cleanup) {
      const { begin, unary, transport, stream } = await startLeanClient(cleanup);
      const { connection, answered } = await begin();
      const reading = stream().next();
      await connection.request();
      const failed = [answered, reading].map((call) =>
        assert.rejects(call, {
          code: "Unavailable",
          message: /^the connection to ".*" was closed$/,
        }),
      );
      transport.close();
      await Promise.all(failed);
      await connection.closed();
      transport.close();
      await assert.rejects(unary(), { code: "Unavailable" });
      await assert.rejects(stream().next(), { code: "Unavailable" });
    },
  },
];
