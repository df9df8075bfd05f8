import assert from "node:assert/strict";
import { once } from "node:events";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { after, before, describe, it } from "node:test";
import { WebSocket } from "ws";
import { createMessage } from "../../../src/cri/create-message.ts";
import { PortForwardRequest } from "../../../src/cri/gen/runtime/v1/api.ts";
import { hasCode } from "../../../src/errors/status-error.ts";
import {
  createStreamingServer,
  type StreamingServer,
} from "../../../src/runtime/streaming/streaming-server.ts";
import { createTokenStore } from "../../../src/runtime/streaming/token-store.ts";
import { dialExec } from "../../../src/streaming/dial-exec.ts";
import { openSpdySession } from "../../../src/streaming/open-spdy-session.ts";
import type { SpdyStream } from "../../../src/streaming/spdy/stream.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { collector } from "./collector.ts";
import { execRequest } from "./exec-request.ts";
import { inProcessStreams, type Seen } from "./in-process-streams.ts";
import { rawRequest, SPDY_HEAD } from "./raw-upgrade.ts";

describe("streaming server", { timeout: 60_000 }, () => {
  const seen: Seen = { started: 0, aborted: 0, sizes: [] };
  let server: StreamingServer;
  before(async () => {
    server = await createStreamingServer({ streams: inProcessStreams(seen) });
  });
  after(() => server.close());

  const exitOf = (cmd: string[], url?: string) => {
    const request = execRequest(cmd);
    const io = { signal: AbortSignal.timeout(10_000) };
    return dialExec(url ?? server.execUrl(request), request, io);
  };

  it("serves a URL once", async () => {
    const request = execRequest(["exit", "0"]);
    const url = server.execUrl(request);
    assert.deepEqual(await exitOf([], url), { exitCode: 0 });
    await assert.rejects(exitOf([], url), (error) => hasCode(error, "NotFound"));
  });

  it("does not serve a URL of one kind as another", async () => {
    const url = server.execUrl(execRequest(["exit", "0"])).replace("/exec/", "/attach/");
    await assert.rejects(exitOf([], url), (error) => hasCode(error, "NotFound"));
  });

  it("forgets tokens after their time and refuses too many", () => {
    let nowMs = 0;
    const tokens = createTokenStore<number>(1000, () => nowMs);
    const token = tokens.add(1);
    nowMs = 999;
    assert.ok(tokens.has(token));
    nowMs = 1000;
    assert.equal(tokens.take(token), undefined);
    for (let index = 0; index < 1000; index++) tokens.add(index);
    assert.throws(
      () => tokens.add(0),
      (error) => hasCode(error, "ResourceExhausted"),
    );
    nowMs = 2001;
    assert.equal(tokens.take(tokens.add(7)), 7);
  });

  for (const [what, status, head] of [
    ["an unknown token", 404, `${SPDY_HEAD.replace("PATH", "/exec/abc")}`],
    ["another path", 404, `${SPDY_HEAD.replace("PATH", "/etc/passwd")}`],
    ["no upgrade at all", 426, "GET PATH HTTP/1.1"],
    [
      "an upgrade to something else",
      400,
      "GET PATH HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c",
    ],
    ["another method", 405, SPDY_HEAD.replace("POST", "PUT")],
    ["no common protocol", 403, `${SPDY_HEAD}\r\nX-Stream-Protocol-Version: v9`],
    ["a head without end", 431, `${SPDY_HEAD}\r\nX: ${"x".repeat(20_000)}`],
  ] as const) {
    it(`answers ${status} to ${what}`, async () => {
      const answer = await rawRequest(server.execUrl(execRequest(["exit", "0"])), head);
      assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `));
    });
  }

  it("ends the connection on bytes that are no SPDY", async () => {
    const url = server.execUrl(execRequest(["hang"]));
    const head = `${SPDY_HEAD}\r\nX-Stream-Protocol-Version: v4.channel.k8s.io`;
    const answer = await rawRequest(url, head, "GET / HTTP/1.1\r\n".repeat(100));
    assert.match(answer, /^HTTP\/1.1 101 /);
  });

  it("ends the connection when the streams do not all come in time", async () => {
    const impatient = await createStreamingServer({
      streams: inProcessStreams(),
      openTimeoutMs: 150,
    });
    const url = new URL(impatient.execUrl(execRequest(["exit", "0"])));
    const { session } = await openSpdySession(url, ["v4.channel.k8s.io"], {});
    session.open(new Map([["streamtype", "error"]]));
    assert.equal((await session.closed)?.code, "Unavailable");
    await impatient.close();
  });

  it("refuses a stream that the request has not", async () => {
    const url = new URL(server.execUrl(execRequest(["exit", "0"])));
    const { session } = await openSpdySession(url, ["v4.channel.k8s.io"], {});
    const stdin = session.open(new Map([["streamtype", "stdin"]]));
    await assert.rejects(stdin.opened, /refused/);
    session.destroy();
  });

  for (const [protocol, command, expected] of [
    ["v5.channel.k8s.io", ["exit", "0"], '{"metadata":{},"status":"Success"}'],
    ["v3.channel.k8s.io", ["exit", "2"], "command terminated with exit code 2"],
    ["v2.channel.k8s.io", ["fail", "NotFound"], "no such container"],
    ["channel.k8s.io", ["exit", "0"], ""],
  ] as const) {
    it(`tells the status as ${protocol} has it`, async () => {
      const url = new URL(server.execUrl(execRequest([...command])));
      const { session, protocol: chosen } = await openSpdySession(url, ["v9", protocol], {});
      const open = (type: string): SpdyStream => session.open(new Map([["streamtype", type]]));
      const errors = open("error");
      for (const type of ["stdout", "stderr"]) open(type).resume();
      assert.equal(await text(errors), expected);
      assert.equal(chosen, protocol);
    });
  }

  for (const [protocol, sent, received] of [
    ["v5.channel.k8s.io", [Buffer.from("\0hi"), Buffer.from([255, 0])], "\x01hi"],
    ["v4.base64.channel.k8s.io", ["0aGk="], "1aGk="],
    ["channel.k8s.io", [Buffer.from("\0hi")], "\x01hi"],
  ] as const) {
    it(`speaks ${protocol} with a client of the ws library`, async () => {
      const url = server.execUrl(execRequest(["cat"], { stdin: true })).replace("http", "ws");
      const socket = new WebSocket(url, [protocol]);
      await once(socket, "open");
      for (const message of sent) socket.send(message);
      const [message] = await once(socket, "message");
      assert.equal(String(message), received);
      assert.equal(socket.protocol, protocol);
      socket.close();
      await once(socket, "close");
    });
  }

  it("refuses a WebSocket without a common subprotocol", async () => {
    const url = server.execUrl(execRequest(["exit", "0"])).replace("http", "ws");
    const socket = new WebSocket(url, ["v9.channel.k8s.io"]);
    const [error] = await once(socket, "error");
    assert.match(String(error), /403/);
  });

  for (const transport of ["spdy", "websocket"] as const) {
    it(`aborts the command when its client goes away over ${transport}`, async () => {
      const request = execRequest(["hang"], { stdin: true });
      const client = new AbortController();
      const before = { ...seen };
      const io = { stdin: new PassThrough(), signal: client.signal };
      const running = dialExec(server.execUrl(request), request, io, { transport });
      const cancelled = assert.rejects(running, (error) => hasCode(error, "Cancelled"));
      await waitUntil("the command runs", () => seen.started === before.started + 1);
      client.abort();
      await cancelled;
      await waitUntil("the command is aborted", () => seen.aborted === before.aborted + 1);
    });

    it(`hands over sizes of the terminal over ${transport}`, async () => {
      const request = execRequest(["sizes", "2"], { tty: true, stderr: false });
      const out = collector();
      async function* resize() {
        yield { columns: 80, rows: 24 };
        yield { columns: 132, rows: 43 };
      }
      const io = { stdout: out.sink, resize: resize(), signal: AbortSignal.timeout(10_000) };
      seen.sizes.length = 0;
      const { exitCode } = await dialExec(server.execUrl(request), request, io, { transport });
      assert.deepEqual([exitCode, out.text()], [0, "80x24\n132x43\n"]);
    });

    it(`holds the command back while nobody reads over ${transport}`, async () => {
      let produced = 0;
      const own = await createStreamingServer({
        streams: {
          ...inProcessStreams(),
          exec: async (_request, io) => {
            const chunk = Buffer.alloc(65_536);
            while (!io.signal.aborted && produced < 200 * 1024 * 1024) {
              produced += chunk.length;
              await new Promise<void>((resolve) => io.stdout?.write(chunk, () => resolve()));
            }
            return { exitCode: 0 };
          },
        },
      });
      const request = execRequest([]);
      const client = new AbortController();
      const stuck = new PassThrough({ highWaterMark: 1 });
      const io = { stdout: stuck, signal: client.signal };
      const running = dialExec(own.execUrl(request), request, io, { transport });
      let last = -1;
      await waitUntil(
        "production stands still",
        () => {
          const isStill = produced > 0 && produced === last;
          last = produced;
          return isStill;
        },
        { intervalMs: 200 },
      );
      assert.ok(produced < 30 * 1024 * 1024, `${produced} bytes`);
      client.abort();
      await assert.rejects(running);
      await own.close();
    });
  }

  for (const transport of ["spdy", "websocket"] as const) {
    it(`says Unavailable to its clients when it is closed over ${transport}`, async () => {
      const started = Promise.withResolvers<void>();
      const own = await createStreamingServer({
        streams: {
          ...inProcessStreams(),
          exec: async (_request, io) => {
            started.resolve();
            await once(io.signal, "abort");
            return { exitCode: 0 };
          },
        },
      });
      const request = execRequest([]);
      const io = { signal: AbortSignal.timeout(10_000) };
      const running = dialExec(own.execUrl(request), request, io, { transport });
      await started.promise;
      await Promise.all([
        assert.rejects(running, (error) => hasCode(error, "Unavailable")),
        own.close(),
      ]);
      await own.close();
    });
  }

  it("tunnels SPDY in a WebSocket for port-forward", async () => {
    const url = server.portForwardUrl(createMessage(PortForwardRequest));
    const upgrade = [
      "GET PATH HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket",
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
      "Sec-WebSocket-Protocol: SPDY/3.1+portforward.k8s.io",
    ];
    // A text frame that is not masked: the server answers with a close frame and ends.
    const answer = await rawRequest(url, upgrade.join("\r\n"), "\x81\x01x");
    assert.match(answer, /^HTTP\/1.1 101 [\s\S]*Sec-WebSocket-Protocol: SPDY\/3.1\+portforward/);
    assert.match(answer, /s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=/);
  });
});
