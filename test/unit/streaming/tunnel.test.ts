import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { after, before, describe, it } from "node:test";
import { createMessage } from "../../../src/cri/create-message.ts";
import { PortForwardRequest } from "../../../src/cri/gen/runtime/v1/api.ts";
import { hasCode } from "../../../src/errors/status-error.ts";
import {
  createStreamingServer,
  type StreamingServer,
} from "../../../src/runtime/streaming/streaming-server.ts";
import { dialPortForward } from "../../../src/streaming/dial-port-forward.ts";
import {
  createServerFrameDecoder,
  encodeClientFrame,
  OPCODE,
} from "../../../src/streaming/websocket/client-frames.ts";
import { inProcessStreams, pattern, patternDigest } from "./in-process-streams.ts";

const SIZE_BYTES = 4_000_000;
const TRANSPORTS = ["spdy", "websocket"] as const;

describe("port forwarding", () => {
  let server: StreamingServer;
  /** Sends the digest of what it got once the client has ended its half. */
  let digester: Server;
  /** Breaks every connection. */
  let breaker: Server;

  before(async () => {
    server = await createStreamingServer({ streams: inProcessStreams() });
    digester = await listen((socket) => {
      const hash = createHash("sha256");
      socket.on("data", (chunk) => hash.update(chunk));
      socket.once("end", () => socket.end(hash.digest("hex")));
    });
    breaker = await listen((socket) => void socket.once("data", () => socket.resetAndDestroy()));
  });
  after(async () => {
    await server.close();
    digester.close();
    breaker.close();
  });

  for (const transport of TRANSPORTS) {
    it(`keeps half-close on many connections at once, and one that breaks ends alone, over ${transport}`, async () => {
      const url = server.portForwardUrl(createMessage(PortForwardRequest));
      const session = await dialPortForward(url, {
        transport,
        signal: AbortSignal.timeout(60_000),
      });
      const broken = await session.connect(portOf(breaker));
      const ended = new Promise<void>((resolve) => broken.once("close", () => resolve()));
      broken.on("error", () => {}).resume();
      broken.write("x");
      const digests = Array.from({ length: 6 }, async () => {
        const connection = await session.connect(portOf(digester));
        for (const chunk of pattern(SIZE_BYTES)) {
          if (!connection.write(chunk)) await once(connection, "drain");
        }
        connection.end();
        return Buffer.concat(await connection.toArray()).toString();
      });
      const expected = patternDigest(SIZE_BYTES);
      for (const digest of await Promise.all(digests)) assert.equal(digest, expected);
      await ended;
      await session.close();
    });
  }

  it("says that a server does not tunnel", async () => {
    const refusing = await listen((socket) => {
      const body = "no common subprotocol";
      socket.on("error", () => {});
      socket.once("data", () => {
        socket.end(`HTTP/1.1 403 Forbidden\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
      });
    });
    try {
      const url = `http://127.0.0.1:${portOf(refusing)}/portforward/x`;
      await assert.rejects(
        dialPortForward(url, { transport: "websocket" }),
        (error) => hasCode(error, "FailedPrecondition") && /does not tunnel/.test(String(error)),
      );
    } finally {
      refusing.close();
    }
  });

  const answers: readonly (readonly [string, string, RegExp])[] = [
    ["no accept key", "Upgrade: websocket\r\n", /something else than WebSocket/],
    ["a wrong accept key", "Sec-WebSocket-Accept: AAAA\r\n", /something else than WebSocket/],
  ];
  for (const [title, headers, says] of answers) {
    it(`refuses an upgrade with ${title}`, async () => {
      const lying = await listen((socket) => {
        socket.on("error", () => {});
        socket.once("data", () => socket.write(`HTTP/1.1 101 Yes\r\n${headers}\r\n`));
      });
      try {
        const url = `http://127.0.0.1:${portOf(lying)}/portforward/x`;
        await assert.rejects(dialPortForward(url, { transport: "websocket" }), says);
      } finally {
        lying.close();
      }
    });
  }
});

describe("the frames of a WebSocket client", () => {
  it("are masked, and unmask to what was meant, at every size of length", () => {
    for (const length of [0, 1, 125, 126, 65_535, 65_536, 70_000]) {
      const payload = Buffer.alloc(length, "ab");
      const frame = encodeClientFrame(OPCODE.binary, payload);
      assert.equal(frame[0], 0x82);
      assert.equal((frame[1] ?? 0) & 0x80, 0x80);
      assert.deepEqual(unmasked(frame), payload);
    }
  });

  it("of the server are read in whatever pieces they come", () => {
    const bytes = Buffer.concat([
      Buffer.from([0x82, 3, 1, 2, 3, 0x89, 0]),
      Buffer.from([0x02, 126, 0, 200]),
      Buffer.alloc(200, 7),
      Buffer.from([0x80, 1, 9]),
    ]);
    for (const size of [1, 2, 5, 1000]) {
      const decode = createServerFrameDecoder();
      const frames = [];
      for (let at = 0; at < bytes.length; at += size)
        frames.push(...decode(bytes.subarray(at, at + size)));
      assert.deepEqual(
        frames.map(({ opcode, payload }) => [opcode, payload.length]),
        [
          [2, 3],
          [9, 0],
          [2, 200],
          [0, 1],
        ],
      );
    }
  });

  const malformed: readonly (readonly [string, readonly number[]])[] = [
    ["a reserved bit", [0xc2, 0]],
    ["a mask", [0x82, 0x81, 1, 2, 3, 4, 5]],
    ["a fragmented ping", [0x09, 0]],
    ["a close of 126 bytes", [0x88, 126, 0, 126]],
    ["a length beyond the limit", [0x82, 127, 0, 0, 0, 1, 0, 0, 0, 0]],
  ];
  for (const [title, bytes] of malformed) {
    it(`of the server are refused with ${title}`, () => {
      assert.throws(
        () => createServerFrameDecoder()(Buffer.from(bytes)),
        (error) => hasCode(error, "Unavailable"),
      );
    });
  }
});

function unmasked(frame: Buffer): Buffer {
  const short = (frame[1] ?? 0) & 0x7f;
  const start = 2 + (short === 126 ? 2 : short === 127 ? 8 : 0);
  const mask = frame.subarray(start, start + 4);
  return Buffer.from(frame.subarray(start + 4).map((byte, index) => byte ^ (mask[index & 3] ?? 0)));
}

async function listen(serve: (socket: Socket) => void): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, serve);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
