import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import {
  type AddressInfo,
  connect as connectTcp,
  createServer,
  type Server,
  type Socket,
} from "node:net";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { before, describe, it } from "node:test";
import { createServer as createTlsServer } from "node:tls";
import { createMessage } from "../../../src/cri/create-message.ts";
import { PortForwardRequest } from "../../../src/cri/gen/runtime/v1/api.ts";
import { hasCode, type StatusCode } from "../../../src/errors/status-error.ts";
import {
  createStreamingServer,
  type StreamingServer,
} from "../../../src/runtime/streaming/streaming-server.ts";
import { dialExec } from "../../../src/streaming/dial-exec.ts";
import type { DialOptions } from "../../../src/streaming/dial-options.ts";
import { dialPortForward } from "../../../src/streaming/dial-port-forward.ts";
import { encodeFrame } from "../../../src/streaming/spdy/encode-frame.ts";
import { createFrameDecoder } from "../../../src/streaming/spdy/frame-decoder.ts";
import { createHeaderCompressor } from "../../../src/streaming/spdy/header-compression.ts";
import type { Cleanup } from "../../support/cleanup.ts";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { collector } from "./collector.ts";
import { execRequest } from "./exec-request.ts";
import { inProcessStreams } from "./in-process-streams.ts";

const FIXTURES = join(import.meta.dirname, "../../fixtures/streaming");
const SWITCHED = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n";
const V4 = "X-Stream-Protocol-Version: v4.channel.k8s.io\r\n\r\n";

/** A TCP server for one test; returns its URL. */
async function serve(cleanup: Cleanup, onSocket: (socket: Socket) => void): Promise<string> {
  const server = createServer(onSocket);
  return `http://${await listen(cleanup, server)}/exec/token`;
}

async function listen(cleanup: Cleanup, server: Server): Promise<string> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanup.add("stop server", () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const answer = (bytes: string | Buffer) => (socket: Socket) => {
  socket.once("data", () => socket.end(bytes));
};

/** Switches to SPDY, waits for that many streams, and answers with the frames. */
const answerStreams = (count: number, frames: Buffer) => (socket: Socket) => {
  const decoder = createFrameDecoder();
  let streams = 0;
  socket.once("data", () => {
    socket.write(SWITCHED + V4);
    socket.on("data", (chunk: Buffer) => {
      for (const frame of decoder.decode(chunk)) if (frame.type === "syn-stream") streams++;
      if (streams === count) socket.end(frames);
    });
  });
};

describe("dialling a streaming URL", { timeout: 60_000 }, () => {
  const cleanup = cleanupAfter();
  const fails = async (
    url: string,
    code: StatusCode,
    message: RegExp,
    options: DialOptions = {},
  ) => {
    const request = execRequest(["x"], { stdin: true });
    const io = { stdin: new PassThrough(), signal: AbortSignal.timeout(20_000) };
    await assert.rejects(dialExec(url, request, io, options), (error) => {
      assert.ok(hasCode(error, code), String(error));
      assert.match(error.message, message);
      return true;
    });
  };

  for (const transport of ["spdy", "websocket"] as const) {
    it(`says Unavailable where nobody listens, over ${transport}`, async () => {
      await fails("http://127.0.0.1:1/exec/x", "Unavailable", /127.0.0.1:1/, { transport });
    });

    it(`says Unavailable when the server gives no answer in time, over ${transport}`, async () => {
      const url = await serve(cleanup, () => {});
      await fails(url, "Unavailable", /no answer/, { transport, connectTimeoutMs: 50 });
    });

    it(`says Cancelled when it is interrupted while connecting, over ${transport}`, async () => {
      const url = await serve(cleanup, () => {});
      const io = { signal: AbortSignal.timeout(50) };
      const running = dialExec(url, execRequest(["x"]), io, { transport });
      await assert.rejects(running, (error) => hasCode(error, "Cancelled"));
    });

    for (const [status, code] of [
      [404, "NotFound"],
      [403, "PermissionDenied"],
      [401, "Unauthenticated"],
      [400, "InvalidArgument"],
      [500, "Unavailable"],
    ] as const) {
      it(`says ${code} for status ${status}, over ${transport}`, async () => {
        const text = `HTTP/1.1 ${status} X\r\nContent-Length: 7\r\n\r\nbecause`;
        const url = await serve(cleanup, answer(text));
        await fails(url, code, new RegExp(`${status}: because`), { transport });
      });
    }

    it(`says what a status means whose reason is cut short, over ${transport}`, async () => {
      const text = "HTTP/1.1 403 X\r\nContent-Length: 7\r\n\r\nbeca";
      const ended = await serve(cleanup, answer(text));
      await fails(ended, "PermissionDenied", /status 403: beca$/, { transport });
      const silent = await serve(cleanup, (socket) => {
        socket.once("data", () => socket.write(text));
      });
      const options = { transport, connectTimeoutMs: 1000 };
      await fails(silent, "PermissionDenied", /status 403: beca$/, options);
    });
  }

  for (const [what, bytes] of [
    ["is no HTTP", "SSH-2.0-OpenSSH\r\n\r\n"],
    ["has bad headers", "HTTP/1.1 101 X\r\nnonsense\r\n\r\n"],
    ["ends early", "HTTP/1.1 101 X\r\nUpgrade"],
    ["has no end", `HTTP/1.1 101 X\r\n${"a".repeat(70_000)}`],
    ["switches to something else", "HTTP/1.1 101 X\r\nUpgrade: h2c\r\n\r\n"],
    ["is empty", ""],
  ] as const) {
    it(`says Unavailable to an answer that ${what}`, async () => {
      await fails(await serve(cleanup, answer(bytes)), "Unavailable", /./);
    });
  }

  it("says Unavailable when the connection ends before the streams are accepted", async () => {
    await fails(await serve(cleanup, answer(SWITCHED + V4)), "Unavailable", /connection broke/);
  });

  it("says Unavailable when the connection breaks without a status, and keeps the output", async () => {
    const compress = createHeaderCompressor();
    const reply = (streamId: number) =>
      encodeFrame({ type: "syn-reply", streamId, fin: false, headers: new Map() }, compress);
    const data = Buffer.from("half a sentence");
    const output = encodeFrame({ type: "data", streamId: 3, fin: false, data }, compress);
    const frames = Buffer.concat([reply(1), reply(3), reply(5), output]);
    const url = await serve(cleanup, answerStreams(3, frames));
    const out = collector();
    const io = { stdout: out.sink, signal: AbortSignal.timeout(10_000) };
    const running = dialExec(url, execRequest(["x"]), io);
    await assert.rejects(running, (error) => hasCode(error, "Unavailable"));
    assert.equal(out.text(), "half a sentence");
  });

  it("says Internal to bytes that are no SPDY", async () => {
    const nonsense = "\x80\x02nonsense".repeat(100);
    await fails(await serve(cleanup, answer(SWITCHED + V4 + nonsense)), "Internal", /SPDY/);
    const late = await serve(cleanup, answerStreams(4, Buffer.from(nonsense, "latin1")));
    await fails(late, "Internal", /SPDY/);
  });

  it("refuses what is no http URL", async () => {
    await fails("ftp://x/", "InvalidArgument", /ftp/);
    await fails("nonsense", "InvalidArgument", /nonsense/);
  });

  it("says Aborted when the output cannot be written", async () => {
    const server = await createStreamingServer({ streams: inProcessStreams() });
    cleanup.add("close server", () => server.close());
    const request = execRequest(["produce", "1000000"]);
    const stdout = new PassThrough();
    stdout.destroy();
    const io = { stdout, signal: AbortSignal.timeout(10_000) };
    const running = dialExec(server.execUrl(request), request, io);
    await assert.rejects(running, (error) => hasCode(error, "Aborted"));
  });

  it("leaves the caller's streams open", async () => {
    const server = await createStreamingServer({ streams: inProcessStreams() });
    cleanup.add("close server", () => server.close());
    const request = execRequest(["exit", "0"], { stdin: true });
    const [stdin, stdout] = [new PassThrough(), new PassThrough()];
    const io = { stdin, stdout, signal: AbortSignal.timeout(10_000) };
    await dialExec(server.execUrl(request), request, io);
    assert.ok(!stdin.destroyed && !stdout.destroyed && !stdout.writableEnded);
    assert.equal(stdin.listenerCount("data"), 0);
  });
});

describe("dialling over TLS", { timeout: 30_000 }, () => {
  const cleanup = cleanupAfter();
  const cert = readFileSync(join(FIXTURES, "tls-cert.pem"), "utf8");
  const key = readFileSync(join(FIXTURES, "tls-key.pem"), "utf8");
  let server: StreamingServer;
  let host = "";
  before(async () => {
    server = await createStreamingServer({ streams: inProcessStreams() });
    cleanup.add("close server", () => server.close());
    const { port } = new URL(server.execUrl(execRequest([])));
    const front = createTlsServer({ cert, key }, (socket) => {
      const back = connectTcp(Number(port), "127.0.0.1");
      socket.pipe(back).pipe(socket);
      socket.on("error", () => back.destroy());
      back.on("error", () => socket.destroy());
    });
    host = await listen(cleanup, front);
  });

  const exitOf = (options: DialOptions) => {
    const request = execRequest(["cat"], { stdin: true });
    const url = new URL(server.execUrl(request));
    const out = collector();
    const io = {
      stdin: Readable.from(["hi"]),
      stdout: out.sink,
      signal: AbortSignal.timeout(9_000),
    };
    const running = dialExec(`https://${host}${url.pathname}`, request, io, options);
    return running.then(() => out.text());
  };

  for (const transport of ["spdy", "websocket"] as const) {
    it(`takes any certificate by default, over ${transport}`, async () => {
      assert.equal(await exitOf({ transport }), "hi");
    });

    it(`verifies against a given authority and name, over ${transport}`, async () => {
      const good = { ca: cert, serverName: "streams.test" };
      assert.equal(await exitOf({ transport, tls: good }), "hi");
      const bad = { ca: cert, serverName: "other.test" };
      await assert.rejects(exitOf({ transport, tls: bad }), (error) =>
        hasCode(error, "Unavailable"),
      );
    });
  }
});

describe("dialling a port-forward", { timeout: 30_000 }, () => {
  const cleanup = cleanupAfter();
  let server: StreamingServer;
  const open = () => dialPortForward(server.portForwardUrl(createMessage(PortForwardRequest)));
  const portOf = async (onSocket: (socket: Socket) => void): Promise<number> => {
    const address = await listen(cleanup, createServer({ allowHalfOpen: true }, onSocket));
    return Number(address.split(":")[1]);
  };
  before(async () => {
    server = await createStreamingServer({ streams: inProcessStreams() });
    cleanup.add("close server", () => server.close());
  });

  it("keeps half-close in both directions", async () => {
    const port = await portOf((socket) => {
      let question = "";
      socket.on("data", (chunk: Buffer) => {
        question += chunk.toString();
      });
      socket.on("end", () => socket.end(`you said ${question}`));
    });
    const session = await open();
    const connection = await session.connect(port);
    connection.end("hello");
    assert.equal(Buffer.concat(await connection.toArray()).toString(), "you said hello");

    const greeting = await portOf((socket) => {
      socket.end("bye");
      socket.resume();
    });
    const late = await session.connect(greeting);
    late.on("data", () => {});
    await once(late, "end");
    late.end("still here");
    await once(late, "close");
    await session.close();
  });

  it("fails one connection alone, with the reason", async () => {
    const echo = await portOf((socket) => socket.pipe(socket));
    const session = await open();
    const good = await session.connect(echo);
    const bad = await session.connect(1);
    const [error] = await once(bad, "error");
    assert.ok(hasCode(error, "Unavailable"));
    assert.match(String(error.cause), /refused/);
    good.end("alive");
    assert.equal(Buffer.concat(await good.toArray()).toString(), "alive");
    await session.close();
  });

  it("tells a connection that the pod reset", async () => {
    const port = await portOf((socket) => socket.once("data", () => socket.resetAndDestroy()));
    const session = await open();
    const connection = await session.connect(port);
    connection.write("x");
    const [error] = await once(connection, "error");
    assert.ok(hasCode(error, "Unavailable"));
    await session.close();
  });

  it("passes a client's reset on to the pod", async () => {
    const { promise: heard, resolve } = Promise.withResolvers<string>();
    const port = await portOf((socket) => {
      socket.on("end", () => resolve("end"));
      socket.on("error", ({ code }: NodeJS.ErrnoException) => resolve(code ?? ""));
      socket.on("data", () => {}).write("go on");
    });
    const session = await open();
    const connection = await session.connect(port);
    await once(connection, "data");
    connection.destroy();
    assert.equal(await heard, "ECONNRESET");
    await session.close();
  });

  it("does not let a connection that nobody reads hold up another", async () => {
    const flood = await portOf((socket) => {
      socket.write(Buffer.alloc(30_000_000));
    });
    const echo = await portOf((socket) => socket.pipe(socket));
    const session = await open();
    await session.connect(flood);
    const other = await session.connect(echo);
    other.end("through");
    assert.equal(Buffer.concat(await other.toArray()).toString(), "through");
    await session.close();
  });

  it("refuses a port that is none, a closed session, and ends all when its server goes", async () => {
    const session = await open();
    await assert.rejects(session.connect(70_000), (error) => hasCode(error, "InvalidArgument"));
    await session.close();
    await session.close();
    await assert.rejects(session.connect(80), (error) => hasCode(error, "Unavailable"));

    const own = await createStreamingServer({ streams: inProcessStreams() });
    const echo = await portOf((socket) => socket.pipe(socket));
    const last = await dialPortForward(own.portForwardUrl(createMessage(PortForwardRequest)));
    const connection = await last.connect(echo);
    const failed = once(connection, "error");
    await own.close();
    const [error] = await failed;
    assert.ok(hasCode(error, "Unavailable"));
  });
});
